class Main {
  public static void main(String[] args) throws java.io.IOException {
    System.out.write(Main.class.getResourceAsStream("/word.txt").readAllBytes());
  }
}
