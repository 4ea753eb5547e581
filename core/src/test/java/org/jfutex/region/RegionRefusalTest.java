// SPDX-License-Identifier: Apache-2.0
package org.jfutex.region;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jfutex.support.SharedFolder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each refusal names the file, the field, what was found and what was expected, and changes nothing. */
class RegionRefusalTest {
  private static final int BYTES = 4096;

  private final SharedFolder folder = new SharedFolder();
  private final Path path = folder.file("region");

  @AfterEach
  void deleteFolder() {
    folder.close();
  }

  /** With one name, a mutex; its entry is at 256. */
  private Path region() throws IOException {
    try (SharedRegion region = SharedRegion.open(path, BYTES)) {
      region.mutex("m");
    }
    return path;
  }

  private void assertRefused(Path file, String... parts) throws IOException {
    byte[] before = Files.isRegularFile(file) ? Files.readAllBytes(file) : null;
    String message =
        assertThrows(RegionRefusedException.class, () -> SharedRegion.open(file, BYTES))
            .getMessage();
    assertTrue(message.startsWith(file + ": "), message);
    for (String part : parts) {
      assertTrue(message.contains(part), () -> "expected '" + part + "' in: " + message);
    }
    if (before != null) {
      assertArrayEquals(before, Files.readAllBytes(file), "it stays as it is");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"hello", "jfutexRH and more", "jfutex", "\0\0\0\0\0\0\0\0\0\0\0\0?"})
  void aFileOfSomethingElse(String content) throws IOException {
    Files.writeString(path, content, StandardCharsets.US_ASCII);
    assertRefused(path, "magic: found \"", "expected \"jfutexRG\"");
  }

  @Test
  void aLongFileOfZerosAndOneByte() throws IOException {
    byte[] content = new byte[200_000];
    content[199_999] = 1;
    Files.write(path, content);
    assertRefused(path, "magic: found \"........\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        " 0 | 0x21 | magic: found \"!futexRG\", expected \"jfutexRG\"",
        " 8 | 2    | version: found 2, expected 1: use the jfutex that made it",
        " 8 | 0    | version: found 0, expected 1, for it is in use",
        "12 | 5    | byte order: found 0x01020305, expected 0x01020304",
        "16 | 1    | size: found 4097 and a file of 4096 bytes, expected both the same",
        "24 | 4    | features: found 0x4, expected 0",
        "56 | 9    | directory entry 1, kind: found 0, expected one of [1, 2",
        "56 | 60   | found 60, expected 0 or as many more as there is room for",
        "59 | 0x80 | found 2147483649, expected",
        "144 | 7   | the directory's mutex: the kind field",
        "144 | 129 | the directory's mutex: found a mutex of kind recursive",
        "256 | 0   | directory entry 0, kind: found 0, expected one of [1, 2",
        "256 | 99  | directory entry 0, kind: found 99",
        "260 | 0   | directory entry 0, parameter: found 0",
        "264 | 1   | directory entry 0, offset: found 3841, expected a multiple of 64",
        "265 | 0   | directory entry 0, offset: found 192, expected a multiple of 64 from 384 on",
        "266 | 1   | directory entry 0, offset: found 69568",
        "271 | 0xff | directory entry 0, offset: found -",
        "272 | 39  | directory entry 0, length: found 39, expected 40 to 64",
        "272 | 65  | directory entry 0, length: found 65, expected 40 to 64",
        "279 | 0x80 | directory entry 0, length: found -",
        "280 | 0   | directory entry 0, name: found none",
        "280 | 0xff | directory entry 0, name: found other bytes, expected UTF-8",
        "383 | 1   | directory entry 0, name: found bytes after a zero",
      })
  void aByteThatIsWrong(long offset, int value, String message) throws IOException {
    RegionBytes.put(region(), offset, (byte) value);
    assertRefused(path, message);
  }

  @Test
  void aMachineOfTheOtherByteOrder() throws IOException {
    RegionBytes.putInt(region(), 12, 0x04030201);
    assertRefused(path, "found 0x04030201", "a machine of the other byte order made it");
  }

  @Test
  void anotherPidNamespace() throws IOException {
    RegionBytes.putLong(region(), 48, 4711);
    assertRefused(path, "PID namespace: found 4711, expected ", "--pid=container");
  }

  @Test
  void aNameTwice() throws IOException {
    try (SharedRegion region = SharedRegion.open(path, BYTES)) {
      region.word("a");
      region.word("b");
    }
    RegionBytes.put(path, 384 + 24, (byte) 'a');
    assertRefused(path, "directory entry 1: found name 'a' again");
  }

  @ParameterizedTest
  @ValueSource(longs = {300, 447, 4095})
  void aTruncatedFile(long size) throws IOException {
    RegionBytes.truncate(region(), size);
    assertRefused(path, "size: found ", size + " bytes");
  }

  @Test
  void aTruncatedHeader() throws IOException {
    RegionBytes.truncate(region(), 20);
    assertRefused(path, "a file of 20 bytes, expected 448 to 2147483647");
  }

  @Test
  void whatIsNoFile() throws IOException {
    assertRefused(folder.path(), "kind of file: found a folder, expected a regular file");
    assertRefused(Path.of("/dev/null"), "something that is no file");
  }

  @Test
  void aLinkThatEverybodyCouldRedirect() throws IOException {
    region();
    Path open = Files.createDirectory(folder.file("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path link = Files.createSymbolicLink(open.resolve("link"), path);
    Path folders = Files.createSymbolicLink(open.resolve("folders"), folder.path());
    assertRefused(link, "path: found the symbolic link " + link, "everybody may write");
    assertRefused(folders.resolve("region"), "path: found the symbolic link " + folders);
    Path indirect = Files.createSymbolicLink(folder.file("indirect"), link);
    assertRefused(indirect, "path: found the symbolic link " + link);
  }

  @Test
  void aLinkInAFolderOfOnesOwnIsFollowed() throws IOException {
    Path link = Files.createSymbolicLink(folder.file("link"), region());
    try (SharedRegion region = SharedRegion.open(link)) {
      assertEquals(1, region.directory().size());
      region.word("new");
    }
  }

  @Test
  void linksThatLeadNowhereOrInACircle() throws IOException {
    Path nowhere = Files.createSymbolicLink(folder.file("nowhere"), folder.file("missing"));
    assertThrows(NoSuchFileException.class, () -> SharedRegion.open(nowhere));
    assertFalse(Files.exists(folder.file("missing")));
    Path circle = Files.createSymbolicLink(path, path);
    assertThrows(FileSystemException.class, () -> SharedRegion.open(circle));
  }

  @Test
  void aMissingFolder() {
    NoSuchFileException missing =
        assertThrows(
            NoSuchFileException.class,
            () -> SharedRegion.open(folder.path().resolve("missing/region")));
    assertTrue(missing.getMessage().contains("its folder does not exist"), missing::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "CEPH"})
  void aFileSystemThatOthersShare(String type) {
    RegionRefusedException refused =
        assertThrows(RegionRefusedException.class, () -> RegionPlace.checkFileSystem(path, type));
    assertTrue(refused.getMessage().contains("file system: found " + type), refused::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tmpfs", "ext4", "overlay", "xfs", "btrfs", "zfs"})
  void aFileSystemOfThisMachine(String type) {
    assertDoesNotThrow(() -> RegionPlace.checkFileSystem(path, type));
  }
}
