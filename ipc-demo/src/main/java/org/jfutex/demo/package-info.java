// SPDX-License-Identifier: Apache-2.0

/**
 * The command line: several JVMs that synchronise through one mapped file.
 *
 * <p>One class a command. What a program that uses jfutex looks like is in {@code CounterWorker}, {@code
 * CrashWorker}, {@code LedgerWorker} and {@code PongWorker}; what it shares, in {@code CounterFile}, {@code CrashFile},
 * {@code Ledger} and {@code PingPongFile}; the rest starts and watches processes.
 */
package org.jfutex.demo;
