// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpinTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ':',
      value = {"0:1", "0-1:2", "0,2:2", "0-3,6:5", "0-63:64"})
  void countsTheCpusOfAList(String cpus, int count) {
    assertEquals(count, Spin.count(cpus));
  }
}
