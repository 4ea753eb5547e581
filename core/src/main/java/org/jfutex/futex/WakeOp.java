// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.util.Objects;
import org.jfutex.linux.LinuxAbi;
import org.jfutex.memory.FutexWord;

/**
 * What FUTEX_WAKE_OP does to the second word, and when it wakes there: {@code old = *word; *word = old op operand;}
 * wake if {@code old comparison comparand}. The comparison is signed and looks at the value before the change.
 *
 * <p>{@code WakeOp.add(1).when(WakeOp.Comparison.GREATER, 0)}.
 */
public final class WakeOp {
  private static final int OPERATION_SHIFT = 28;
  private static final int COMPARISON_SHIFT = 24;
  private static final int OPERAND_SHIFT = 12;
  private static final int NIBBLE = 0xf;
  private static final int TWELVE_BITS = 0xfff;
  private static final int MIN_OPERAND = -2048;
  private static final int MAX_OPERAND = 2047;
  private static final int MAX_SHIFT = 31;

  /** How the old value is compared with the comparand, both signed. */
  public enum Comparison {
    EQUAL(LinuxAbi.FUTEX_OP_CMP_EQ),
    NOT_EQUAL(LinuxAbi.FUTEX_OP_CMP_NE),
    LESS(LinuxAbi.FUTEX_OP_CMP_LT),
    LESS_OR_EQUAL(LinuxAbi.FUTEX_OP_CMP_LE),
    GREATER(LinuxAbi.FUTEX_OP_CMP_GT),
    GREATER_OR_EQUAL(LinuxAbi.FUTEX_OP_CMP_GE);

    private final int code;

    Comparison(int code) {
      this.code = code;
    }
  }

  private final int encoded;

  private WakeOp(int encoded) {
    this.encoded = encoded;
  }

  /** {@code *word = operand}. */
  public static Change set(int operand) {
    return new Change(LinuxAbi.FUTEX_OP_SET, operand);
  }

  /** {@code *word += operand}. */
  public static Change add(int operand) {
    return new Change(LinuxAbi.FUTEX_OP_ADD, operand);
  }

  /** {@code *word |= operand}. */
  public static Change or(int operand) {
    return new Change(LinuxAbi.FUTEX_OP_OR, operand);
  }

  /** {@code *word &= ~operand}. */
  public static Change andNot(int operand) {
    return new Change(LinuxAbi.FUTEX_OP_ANDN, operand);
  }

  /** {@code *word ^= operand}. */
  public static Change xor(int operand) {
    return new Change(LinuxAbi.FUTEX_OP_XOR, operand);
  }

  /** A change of the second word, still without the comparison. */
  public static final class Change {
    private final int operation;
    private final int operand;

    private Change(int operation, int operand) {
      this.operation = operation;
      this.operand = operand;
    }

    /**
     * The operand becomes {@code 1 << operand}.
     *
     * @throws IllegalArgumentException if it is not 0 to 31
     */
    public Change shifted() {
      if (operand < 0 || operand > MAX_SHIFT) {
        throw new IllegalArgumentException("shift by " + operand + ", expected 0 to " + MAX_SHIFT);
      }
      return new Change(operation | LinuxAbi.FUTEX_OP_OPARG_SHIFT, operand);
    }

    /**
     * Wake on the second word if its old value compares so.
     *
     * @throws IllegalArgumentException if operand or comparand is not -2048 to 2047: there are 12 bits for each
     */
    public WakeOp when(Comparison comparison, int comparand) {
      Objects.requireNonNull(comparison, "comparison");
      return new WakeOp(
          operation << OPERATION_SHIFT
              | comparison.code << COMPARISON_SHIFT
              | twelveBits("operand", operand) << OPERAND_SHIFT
              | twelveBits("comparand", comparand));
    }

    private static int twelveBits(String name, int value) {
      if (value < MIN_OPERAND || value > MAX_OPERAND) {
        throw new IllegalArgumentException(
            name + " " + value + ", expected " + MIN_OPERAND + " to " + MAX_OPERAND);
      }
      return value & TWELVE_BITS;
    }
  }

  /** The kernel's encoding. */
  int encoded() {
    return encoded;
  }

  static boolean isDefined(int encoded) {
    return operation(encoded) <= LinuxAbi.FUTEX_OP_XOR;
  }

  static boolean comparisonIsDefined(int encoded) {
    return comparison(encoded) <= LinuxAbi.FUTEX_OP_CMP_GE;
  }

  /** Makes the change, in one step for all who access the word, and returns the value before. */
  static int apply(int encoded, FutexWord word) {
    int operand = operand(encoded);
    int old;
    do {
      old = word.getVolatile();
    } while (!word.compareAndSet(old, changed(operation(encoded), old, operand)));
    return old;
  }

  private static int changed(int operation, int old, int operand) {
    return switch (operation) {
      case LinuxAbi.FUTEX_OP_SET -> operand;
      case LinuxAbi.FUTEX_OP_ADD -> old + operand;
      case LinuxAbi.FUTEX_OP_OR -> old | operand;
      case LinuxAbi.FUTEX_OP_ANDN -> old & ~operand;
      case LinuxAbi.FUTEX_OP_XOR -> old ^ operand;
      default -> throw new IllegalArgumentException("operation " + operation);
    };
  }

  static boolean compares(int encoded, int old) {
    int comparand = comparand(encoded);
    return switch (comparison(encoded)) {
      case LinuxAbi.FUTEX_OP_CMP_EQ -> old == comparand;
      case LinuxAbi.FUTEX_OP_CMP_NE -> old != comparand;
      case LinuxAbi.FUTEX_OP_CMP_LT -> old < comparand;
      case LinuxAbi.FUTEX_OP_CMP_LE -> old <= comparand;
      case LinuxAbi.FUTEX_OP_CMP_GT -> old > comparand;
      case LinuxAbi.FUTEX_OP_CMP_GE -> old >= comparand;
      default -> throw new IllegalArgumentException("comparison " + comparison(encoded));
    };
  }

  private static int operation(int encoded) {
    return encoded >>> OPERATION_SHIFT & NIBBLE & ~LinuxAbi.FUTEX_OP_OPARG_SHIFT;
  }

  private static int comparison(int encoded) {
    return encoded >>> COMPARISON_SHIFT & NIBBLE;
  }

  /** Sign-extended from 12 bits; or the power of two that a shift count, taken modulo 32, stands for. */
  private static int operand(int encoded) {
    int operand = encoded << (Integer.SIZE - COMPARISON_SHIFT) >> (Integer.SIZE - OPERAND_SHIFT);
    boolean shifted = (encoded >>> OPERATION_SHIFT & LinuxAbi.FUTEX_OP_OPARG_SHIFT) != 0;
    return shifted ? 1 << operand : operand;
  }

  private static int comparand(int encoded) {
    return encoded << (Integer.SIZE - OPERAND_SHIFT) >> (Integer.SIZE - OPERAND_SHIFT);
  }
}
