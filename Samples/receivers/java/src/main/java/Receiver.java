import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * A receiver of events: it verifies each request, keeps what is in it, answers, and works on it afterwards.
 *
 * <p>WEBHOOK_SECRETS takes two secrets, with a blank between them, while one is being exchanged for the other. PORT and
 * INBOX have defaults.
 */
public final class Receiver {
  private static final int LONGEST_BODY = 64 << 20;

  private final List<Webhook> webhooks = new ArrayList<>();
  private final Inbox inbox;

  private Receiver(String secrets, Inbox inbox) throws Exception {
    for (String secret : secrets.trim().split(" +")) {
      webhooks.add(new Webhook(secret));
    }
    this.inbox = inbox;
  }

  /** What has come and is to be worked on: a table whose key is the event's id, so that a repeat changes nothing. */
  private static final class Inbox {
    private final Connection database;

    Inbox(String path) throws SQLException {
      database = DriverManager.getConnection("jdbc:sqlite:" + path);
      try (var statement = database.createStatement()) {
        statement.execute("PRAGMA journal_mode = WAL");
        statement.execute("PRAGMA synchronous = FULL");
        statement.execute("CREATE TABLE IF NOT EXISTS inbox"
            + " (id TEXT NOT NULL UNIQUE, event TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0)");
      }
      database.setAutoCommit(false);
    }

    /** Puts all of them in, or none. Those whose id is known stay as they are. */
    synchronized void put(List<JsonObject> events) throws SQLException {
      var sql = "INSERT INTO inbox (id, event) VALUES (?, ?) ON CONFLICT (id) DO NOTHING";
      try (var insert = database.prepareStatement(sql)) {
        for (JsonObject event : events) {
          insert.setString(1, event.get("id").getAsString());
          insert.setString(2, event.toString());
          insert.executeUpdate();
        }
        database.commit();
      } catch (SQLException error) {
        database.rollback();
        throw error;
      }
      notifyAll();
    }

    /** Hands the events to {@code work}, oldest first, for ever. After a crash the one under way comes again. */
    void workOff(Consumer<JsonObject> work) {
      while (true) {
        try {
          JsonObject event = awaitOldest();
          work.accept(event);
          finish(event.get("id").getAsString());
        } catch (InterruptedException interrupted) {
          return;
        } catch (Exception error) {
          System.err.println("not worked on: " + error);
          pause();
        }
      }
    }

    private synchronized JsonObject awaitOldest() throws SQLException, InterruptedException {
      while (true) {
        Optional<JsonObject> oldest = oldest();
        if (oldest.isPresent()) {
          return oldest.get();
        }
        wait();
      }
    }

    private Optional<JsonObject> oldest() throws SQLException {
      var sql = "SELECT event FROM inbox WHERE done = 0 ORDER BY rowid LIMIT 1";
      try (var statement = database.createStatement(); var rows = statement.executeQuery(sql)) {
        return rows.next()
            ? Optional.of(JsonParser.parseString(rows.getString(1)).getAsJsonObject()) : Optional.empty();
      } finally {
        database.commit();
      }
    }

    private synchronized void finish(String id) throws SQLException {
      try (var update = database.prepareStatement("UPDATE inbox SET done = 1 WHERE id = ?")) {
        update.setString(1, id);
        update.executeUpdate();
        database.commit();
      } catch (SQLException error) {
        database.rollback();
        throw error;
      }
    }

    private static void pause() {
      try {
        Thread.sleep(5000);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Whether one of the secrets has signed this body in the last five minutes. */
  private boolean isGenuine(String body, HttpHeaders headers) {
    for (Webhook webhook : webhooks) {
      try {
        webhook.verify(body, headers);
        return true;
      } catch (WebhookVerificationException another) {
        continue;
      }
    }
    return false;
  }

  /** The event, or those of a batch: a batch has an id of its own, but what is known again is each event's. */
  private static List<JsonObject> eventsOf(String body, String contentType) {
    JsonElement parsed = JsonParser.parseString(body);
    var events = new ArrayList<JsonObject>();
    if (contentType.startsWith("application/cloudevents-batch+json")) {
      parsed.getAsJsonArray().forEach(member -> events.add(member.getAsJsonObject()));
    } else {
      events.add(parsed.getAsJsonObject());
    }
    return events;
  }

  private int take(HttpExchange exchange) throws IOException {
    byte[] bytes = exchange.getRequestBody().readNBytes(LONGEST_BODY + 1);
    if (bytes.length > LONGEST_BODY) {
      return 413;
    }
    var body = new String(bytes, StandardCharsets.UTF_8);
    var headers = HttpHeaders.of(exchange.getRequestHeaders(), (name, value) -> true);
    if (!isGenuine(body, headers)) {
      return 401;
    }
    try {
      inbox.put(eventsOf(body, headers.firstValue("Content-Type").orElse("")));
      return 204;
    } catch (SQLException | RuntimeException error) {
      System.err.println("not kept: " + error);
      return 503; // It comes again.
    }
  }

  /** What is to be done about an event. It may be asked for the same event again after a crash. */
  private static void work(JsonObject event) {
    JsonObject data = event.getAsJsonObject("data");
    System.out.println(event.get("id").getAsString() + " " + event.get("type").getAsString() + " " + data.get("from")
        + " " + data.get("to"));
  }

  public static void main(String[] arguments) throws Exception {
    var environment = System.getenv();
    var inbox = new Inbox(environment.getOrDefault("INBOX", "inbox.db"));
    var receiver = new Receiver(environment.get("WEBHOOK_SECRETS"), inbox);
    var worker = new Thread(() -> inbox.workOff(Receiver::work));
    worker.setDaemon(true);
    worker.start();

    // In seconds: longer than the gateway leaves a connection idle.
    System.setProperty("sun.net.httpserver.idleInterval", "60");
    int port = Integer.parseInt(environment.getOrDefault("PORT", "9101"));
    var server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/", exchange -> {
      try (exchange) {
        exchange.sendResponseHeaders(receiver.take(exchange), -1);
      }
    });
    server.start();
  }
}
