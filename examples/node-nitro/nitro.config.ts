export default defineNitroConfig({ srcDir: '.', compatibilityDate: '2026-01-01' });
