package org.example.harbour;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.autoconfigure.web.reactive.WebFluxTest;
import org.springframework.test.web.reactive.server.WebTestClient;

@WebFluxTest
class HarbourTest {
  @Autowired private WebTestClient client;

  @Test
  void shipsStayWhereTheyMoor() {
    client.put().uri("/berths/north").bodyValue("Vega").exchange().expectStatus().isOk();
    client.get().uri("/berths").exchange().expectBody().json("[{\"north\": \"Vega\"}]");
  }
}
