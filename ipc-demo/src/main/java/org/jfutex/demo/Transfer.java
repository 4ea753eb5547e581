// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.util.SplittableRandom;

/**
 * A sum of money that goes from one account to another.
 *
 * @param worker who does it
 */
record Transfer(int worker, int from, int to, long amount) {
  private static final int MOST = 100;

  /** The one of a number that a worker has to do: always the same, so the balances at the end can be foretold. */
  static Transfer of(int worker, long number) {
    SplittableRandom random = new SplittableRandom(number << Short.SIZE | worker);
    int from = random.nextInt(Ledger.ACCOUNTS);
    int distance = random.nextInt(1, Ledger.ACCOUNTS);
    return new Transfer(
        worker, from, (from + distance) % Ledger.ACCOUNTS, random.nextInt(1, MOST + 1));
  }
}
