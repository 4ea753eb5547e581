// SPDX-License-Identifier: Apache-2.0
package org.jfutex;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Dependencies point downwards only, and each outside library has one door. */
class ArchitectureTest {
  private static final String DEMO = "org.jfutex.demo..";

  private static JavaClasses classes;

  @BeforeAll
  static void importProductionClasses() {
    classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.jfutex");
  }

  /** Rules about nothing hold: so first, that there is something, from each module. */
  @ParameterizedTest
  @CsvSource({
    "org.jfutex.linux.FutexSyscalls",
    "org.jfutex.memory.MappedMemory",
    "org.jfutex.futex.FutexManager",
    "org.jfutex.sync.SharedMutex",
    "org.jfutex.region.SharedRegion",
    "org.jfutex.chronicle.ChronicleMemory",
    "org.jfutex.demo.Main",
  })
  void seesTheClassesOfEveryModule(String name) {
    assertTrue(classes.contain(name), () -> "found " + classes.size() + " classes, no " + name);
  }

  @Test
  void seesWhatAClassDependsOn() {
    assertTrue(
        classes.get("org.jfutex.linux.JnaFutexSyscalls").getDirectDependenciesFromSelf().stream()
            .anyMatch(d -> d.getTargetClass().getPackageName().startsWith("com.sun.jna")));
  }

  @Test
  void layersPointDownwards() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .withOptionalLayers(true)
        .layer("demo")
        .definedBy(DEMO)
        .layer("adapters")
        .definedBy("org.jfutex.agrona..", "org.jfutex.chronicle..")
        .layer("region")
        .definedBy("org.jfutex.region..")
        .layer("sync")
        .definedBy("org.jfutex.sync..")
        .layer("futex")
        .definedBy("org.jfutex.futex..")
        .layer("memory")
        .definedBy("org.jfutex.memory..")
        .layer("linux")
        .definedBy("org.jfutex.linux..")
        .whereLayer("demo")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("adapters")
        .mayOnlyBeAccessedByLayers("demo")
        .whereLayer("region")
        .mayOnlyBeAccessedByLayers("demo", "adapters")
        .whereLayer("sync")
        .mayOnlyBeAccessedByLayers("demo", "adapters", "region")
        .whereLayer("futex")
        .mayOnlyBeAccessedByLayers("demo", "adapters", "region", "sync")
        .whereLayer("memory")
        .mayOnlyBeAccessedByLayers("demo", "adapters", "region", "sync", "futex")
        .whereLayer("linux")
        .mayOnlyBeAccessedByLayers("demo", "adapters", "region", "sync", "futex", "memory")
        .check(classes);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("org.jfutex.(*)..").should().beFreeOfCycles().check(classes);
  }

  @ParameterizedTest
  @CsvSource({
    "com.sun.jna..,        org.jfutex.linux..",
    "java.lang.foreign..,  org.jfutex.linux..",
    "org.agrona..,         org.jfutex.agrona..",
    "net.openhft..,        org.jfutex.chronicle..",
    "picocli..,            org.jfutex.demo..",
    "com.google.gson..,    org.jfutex.demo..",
    "org.HdrHistogram..,   org.jfutex.demo..",
    "me.tongfei..,         org.jfutex.demo..",
    "com.github.freva..,   org.jfutex.demo..",
  })
  void eachLibraryHasOneDoor(String library, String door) {
    String[] allowed =
        library.startsWith("org.agrona") || library.startsWith("net.openhft")
            ? new String[] {door, DEMO}
            : new String[] {door};
    noClasses()
        .that()
        .resideOutsideOfPackages(allowed)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .check(classes);
  }

  @Test
  void nobodyReachesIntoTheJdk() {
    noClasses().should().dependOnClassesThat().resideInAnyPackage("sun..", "jdk..").check(classes);
  }
}
