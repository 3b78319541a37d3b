package app;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/** Spring Boot 3: the contract that every application here answers, in Spring's own words. */
@SpringBootApplication
@RestController
public class App {
    private static final Logger LOG = LoggerFactory.getLogger(App.class);

    /** Byte i is i mod 251; blocks are a multiple of that, so each is the same. */
    private static final byte[] BLOCK = new byte[251 * 256];

    static {
        for (int i = 0; i < BLOCK.length; i++) {
            BLOCK[i] = (byte) (i % 251);
        }
    }

    public static void main(String[] arguments) {
        SpringApplication.run(App.class, arguments);
    }

    @GetMapping(path = "/", produces = MediaType.TEXT_HTML_VALUE)
    String page() {
        return "<!doctype html><title>Spring Boot 3</title><h1>Hello from Spring Boot 3</h1>";
    }

    @GetMapping("/json")
    Map<String, Object> json(HttpServletRequest request, @RequestParam Map<String, String> query) {
        Map<String, String> headers = new TreeMap<>();
        for (String name : Collections.list(request.getHeaderNames())) {
            if (name.toLowerCase().startsWith("x-cff-")) {
                headers.put(name.toLowerCase(), request.getHeader(name));
            }
        }
        return Map.of("method", request.getMethod(), "path", request.getRequestURI(), "query", query, "headers", headers);
    }

    @PostMapping("/upload")
    Map<String, Object> upload(InputStream body) throws IOException, NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        byte[] buffer = new byte[65536];
        long bytes = 0;
        for (int read; (read = body.read(buffer)) > 0; bytes += read) {
            digest.update(buffer, 0, read);
        }
        return Map.of("bytes", bytes, "sha256", HexFormat.of().formatHex(digest.digest()));
    }

    @GetMapping("/download")
    ResponseEntity<StreamingResponseBody> download(@RequestParam(defaultValue = "0") long bytes) {
        StreamingResponseBody content = out -> {
            for (long left = bytes; left > 0; left -= BLOCK.length) {
                out.write(BLOCK, 0, (int) Math.min(left, BLOCK.length));
                out.flush();
            }
        };
        return ResponseEntity.ok().contentType(MediaType.APPLICATION_OCTET_STREAM).body(content);
    }

    @GetMapping("/error")
    String error() {
        throw new IllegalStateException("this page fails on purpose");
    }

    @GetMapping(path = "/version", produces = MediaType.TEXT_PLAIN_VALUE)
    String version() {
        return System.getenv().getOrDefault("APP_VERSION", "");
    }

    @GetMapping("/slow")
    Map<String, Object> slow(@RequestParam(defaultValue = "0") long ms) throws InterruptedException {
        Thread.sleep(ms);
        return Map.of("ms", ms);
    }

    @ExceptionHandler(IllegalStateException.class)
    ResponseEntity<String> failed(IllegalStateException cause) {
        LOG.error(cause.getMessage());
        return ResponseEntity.status(HttpStatus.INTERNAL_SERVER_ERROR)
            .contentType(MediaType.TEXT_HTML)
            .body("<!doctype html><title>Error</title><h1>Spring Boot: " + cause.getMessage() + "</h1>");
    }
}
