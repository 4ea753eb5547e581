// SPDX-License-Identifier: Apache-2.0
package org.jfutex.region;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/** Where a region must not be: what is refused before a file is opened or made. */
final class RegionPlace {
  /** File systems whose files other machines change: the kernel's futexes do not reach those. */
  private static final Set<String> NETWORKS =
      Set.of(
          "9p",
          "afs",
          "beegfs",
          "ceph",
          "cifs",
          "coda",
          "fuse.glusterfs",
          "fuse.sshfs",
          "glusterfs",
          "gpfs",
          "lustre",
          "ncpfs",
          "nfs",
          "nfs4",
          "ocfs2",
          "smb",
          "smb2",
          "smb3",
          "smbfs");

  /** As the kernel, which gives up after as many. */
  private static final int LINKS_MAX = 40;

  private RegionPlace() {}

  /** Throws unless there can be a region at a path. */
  static void check(Path path) throws IOException {
    Path absolute = path.toAbsolutePath();
    checkLinks(path, absolute, 0);
    boolean exists = Files.exists(absolute);
    if (exists && !Files.isRegularFile(absolute)) {
      throw new RegionRefusedException(
          path,
          "kind of file",
          Files.isDirectory(absolute) ? "a folder" : "something that is no file",
          "a regular file");
    }
    if (!exists && Files.isSymbolicLink(absolute)) {
      throw new NoSuchFileException(path.toString(), null, "a symbolic link that leads nowhere");
    }
    if (!Files.exists(absolute.getParent())) {
      throw new NoSuchFileException(path.toString(), null, "its folder does not exist");
    }
    checkFileSystem(path, fileSystem(exists ? absolute : absolute.getParent()));
  }

  /** Its type; empty where a sandbox does not tell, or there is nothing any more. */
  private static String fileSystem(Path path) {
    try {
      return Files.getFileStore(path).type();
    } catch (IOException e) {
      return "";
    }
  }

  /** Who may write into a folder may redirect a link in it, to any file that this process may write. */
  private static void checkLinks(Path path, Path absolute, int links) throws IOException {
    Path folder = absolute.getRoot();
    for (Path name : absolute) {
      Path each = folder.resolve(name);
      if (Files.isSymbolicLink(each)) {
        if (Files.getPosixFilePermissions(folder).contains(PosixFilePermission.OTHERS_WRITE)) {
          throw new RegionRefusedException(
              path,
              "path",
              "the symbolic link " + each + " in a folder that everybody may write",
              "the file itself, or a folder of your own");
        }
        if (links == LINKS_MAX) {
          throw new FileSystemLoopException(path.toString());
        }
        checkLinks(path, folder.resolve(Files.readSymbolicLink(each)), links + 1);
      }
      folder = each;
    }
  }

  /**
   * @param type as {@code /proc/mounts} calls it
   */
  static void checkFileSystem(Path path, String type) throws RegionRefusedException {
    if (NETWORKS.contains(type.toLowerCase(Locale.ROOT))) {
      throw new RegionRefusedException(
          path, "file system", type, "one of this machine alone, such as that of /dev/shm");
    }
  }

  /** How to open it: not through a link that appeared after {@link #check}. */
  static Set<OpenOption> options(Path path, StandardOpenOption... modes) {
    Set<OpenOption> options = new HashSet<>(Set.of(modes));
    if (!Files.isSymbolicLink(path)) {
      options.add(LinkOption.NOFOLLOW_LINKS);
    }
    return options;
  }
}
