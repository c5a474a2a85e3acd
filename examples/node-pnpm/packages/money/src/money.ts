import { Big } from 'big.js';

/** The sum of prices, exact to the cent. */
export function sum(prices: readonly string[]): string {
  return prices.reduce((total, price) => total.plus(price), new Big(0)).toFixed(2);
}
