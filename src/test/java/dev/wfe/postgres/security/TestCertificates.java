package dev.wfe.postgres.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * A certificate authority and certificates, made by the JDK's keytool in the form that PostgreSQL
 * and its clients read.
 */
final class TestCertificates {
  private static final String PASSWORD = "changeit";

  private final Path folder;
  private final Path keys;

  private TestCertificates(Path folder) {
    this.folder = folder;
    this.keys = folder.resolve("keys.p12");
  }

  /** A new authority, which vouches for a server of the host name alone. */
  static TestCertificates vouchingFor(String host, Path folder) throws Exception {
    TestCertificates made = new TestCertificates(Files.createDirectories(folder));
    made.generate("authority", "-ext", "bc:critical=ca:true");
    made.generate("server", "-signer", "authority", "-ext", "san=dns:" + host);
    return made;
  }

  private void generate(String name, String... more) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-dname",
                "CN=wfe test " + name,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-keystore",
                keys.toString(),
                "-storepass",
                PASSWORD));
    command.addAll(Arrays.asList(more));
    Process keytool =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("keytool.log").toFile())
            .start();
    assertThat(keytool.waitFor()).as(() -> readString(folder.resolve("keytool.log"))).isZero();
  }

  private static String readString(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** The certificate by which clients judge servers. */
  Path authority() throws IOException, GeneralSecurityException {
    return pem("authority.crt", "CERTIFICATE", store().getCertificate("authority").getEncoded());
  }

  /** The server's certificate. */
  Path server() throws IOException, GeneralSecurityException {
    return pem("server.crt", "CERTIFICATE", store().getCertificate("server").getEncoded());
  }

  /** The server's key, which PostgreSQL wants nobody else to be able to read. */
  Path serverKey() throws IOException, GeneralSecurityException {
    byte[] key = store().getKey("server", PASSWORD.toCharArray()).getEncoded();
    Path file = pem("server.key", "PRIVATE KEY", key);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private KeyStore store() throws IOException, GeneralSecurityException {
    return KeyStore.getInstance(keys.toFile(), PASSWORD.toCharArray());
  }

  private Path pem(String name, String kind, byte[] content) throws IOException {
    String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    return Files.writeString(
        folder.resolve(name),
        "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(kind, lines),
        StandardCharsets.US_ASCII);
  }
}
