// SPDX-License-Identifier: Apache-2.0
package org.jfutex.crash;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/**
 * The seam to memory and kernel, with a {@link CrashPoint} in front of every step: compiled from the sources of the
 * product, so that it is the product but for the crash points, and put in front of the class path of a victim.
 */
final class CrashSeam implements AutoCloseable {
  /** Who reaches memory does so through one of these; all other classes go through those that have one. */
  private static final Pattern VIEW = Pattern.compile("static final VarHandle (\\w+)\\s*=");

  private static final String STORE = "(?:set|getAnd|compareAnd|weakCompareAnd)\\w*";
  private static final String LOAD = "get(?:Opaque|Acquire|Volatile)?";

  /** Its bytes are one thread's own. */
  private static final String NOT_SHARED = "InterruptWord.java";

  /** From this JDK on, the sources of the multi-release part take the place of others of their name. */
  private static final int MULTI_RELEASE = 22;

  private static final String SYSCALLS = "FutexSyscalls.java";
  private static final Pattern SYSCALL = Pattern.compile("\\b(syscall\\w*)\\((?=numbers\\.futex)");

  private static final Pattern NUMBER = Pattern.compile("numbers\\.futex");

  /** Those who make files reach them through buffers, channels and paths. */
  private static final Pattern MAKES_FILES =
      Pattern.compile("(?:Region|DirectoryEntry|MappedMemory).*");

  private static final String BUFFER_STORE = "\\.(put(?:Int|Long)?)\\(";
  private static final String FILE_CHANGE = "\\bFiles\\.((?:create|set|delete)\\w*)\\(";
  private static final Pattern CHANGE_AT = // the first argument says where
      Pattern.compile("(" + BUFFER_STORE + "|" + FILE_CHANGE + ")([^,()]+)(?=[,)])");
  private static final Pattern CHANGE = Pattern.compile(BUFFER_STORE + "|" + FILE_CHANGE);
  private static final Pattern WRITE = Pattern.compile("\\bchannel\\.write\\(");

  private final Path folder;

  CrashSeam() throws IOException {
    folder = Files.createTempDirectory("jfutex-test-seam-");
    List<Path> patched = new ArrayList<>();
    for (Path source : sources().values()) {
      String text = Files.readString(source);
      String with = withCrashPoints(source.getFileName().toString(), text);
      if (!with.equals(text)) {
        patched.add(Files.writeString(folder.resolve(source.getFileName()), with));
      }
    }
    compile(patched);
  }

  Path folder() {
    return folder;
  }

  /** By their names. */
  private static Map<String, Path> sources() throws IOException {
    Path module = Path.of(System.getProperty("basedir", ""));
    List<Path> folders = new ArrayList<>();
    folders.add(module.resolve("src/main/java/org/jfutex/memory"));
    folders.add(module.resolve("src/main/java/org/jfutex/sync"));
    folders.add(module.resolve("src/main/java/org/jfutex/region"));
    folders.add(module.resolve("../native-shim/src/main/java/org/jfutex/linux"));
    if (Runtime.version().feature() >= MULTI_RELEASE) {
      folders.add(module.resolve("../native-shim/src/main/java22/org/jfutex/linux"));
    }
    Map<String, Path> sources = new TreeMap<>();
    for (Path each : folders) {
      try (Stream<Path> files = Files.list(each)) {
        files
            .filter(file -> file.toString().endsWith(".java"))
            .forEach(file -> sources.put(file.getFileName().toString(), file));
      }
    }
    return sources;
  }

  /** The text with a call in front of each store, each futex(2), and each change of a file. */
  static String withCrashPoints(String file, String text) {
    String name = file.replace(".java", "");
    String result = text;
    for (String view : VIEW.matcher(text).results().map(match -> match.group(1)).toList()) {
      if (file.equals(NOT_SHARED)) {
        continue;
      }
      Matcher store = Pattern.compile("\\b" + view + "\\.(" + STORE + ")\\(").matcher(result);
      result =
          store.replaceAll(
              match ->
                  Matcher.quoteReplacement(
                      at(name + "." + match.group(1), view) + "." + match.group(1) + "("));
      Matcher other =
          Pattern.compile("\\b" + view + "\\s*\\.(?!" + LOAD + "\\().*").matcher(result);
      if (other.find()) {
        throw new AssertionError(
            file + " has an access that is no load and no store: " + other.group());
      }
    }
    if (file.equals(SYSCALLS)) {
      result =
          SYSCALL
              .matcher(result)
              .replaceAll(
                  match ->
                      Matcher.quoteReplacement(at("futex", "this") + "." + match.group(1) + "("));
      if (SYSCALL.matcher(text).results().count() != NUMBER.matcher(text).results().count()) {
        throw new AssertionError(file + " calls futex(2) where no crash point can be");
      }
    }
    if (MAKES_FILES.matcher(name).matches()) {
      result =
          CHANGE_AT
              .matcher(result)
              .replaceAll(
                  match ->
                      Matcher.quoteReplacement(
                          match.group(1) + at(name + "." + method(match), match.group(4))));
      result =
          WRITE
              .matcher(result)
              .replaceAll(Matcher.quoteReplacement(at(name + ".write", "channel") + ".write("));
      if (CHANGE_AT.matcher(text).results().count() != CHANGE.matcher(text).results().count()) {
        throw new AssertionError(file + " changes a file where no crash point can be");
      }
    }
    return result;
  }

  private static String method(MatchResult change) {
    return change.group(2) == null ? change.group(3) : change.group(2);
  }

  private static String at(String step, String target) {
    return CrashPoint.class.getName() + ".at(\"" + step + "\", " + target + ")";
  }

  private void compile(List<Path> patched) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter output = new StringWriter();
    List<String> options =
        List.of(
            "-d",
            folder.toString(),
            "-cp",
            System.getProperty("java.class.path"),
            "-proc:none",
            "-Xlint:none");
    boolean compiled;
    try (var files = compiler.getStandardFileManager(null, null, null)) {
      compiled =
          compiler
              .getTask(
                  output, files, null, options, null, files.getJavaFileObjectsFromPaths(patched))
              .call();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!compiled) {
      throw new AssertionError("the seam does not compile with crash points: " + output);
    }
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
