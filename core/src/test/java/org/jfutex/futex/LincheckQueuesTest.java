// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The in-JVM queues are linearizable: whatever several threads did, one after the other could have done it. */
class LincheckQueuesTest {

  @ParameterizedTest
  @ValueSource(classes = {LincheckWaiters.Moves.class, LincheckWaiters.Values.class})
  void underStress(Class<?> operations) {
    new StressOptions()
        .threads(LincheckWaiters.THREADS)
        .actorsPerThread(4)
        .actorsBefore(0)
        .actorsAfter(0)
        .iterations(Integer.getInteger("x.si", 30))
        .invocationsPerIteration(Integer.getInteger("x.sn", 500))
        .sequentialSpecification(LincheckSpecification.class)
        .check(operations);
  }

  @ParameterizedTest
  @ValueSource(classes = {LincheckWaiters.Moves.class, LincheckWaiters.Values.class})
  void underModelChecking(Class<?> operations) {
    new ModelCheckingOptions()
        .threads(2)
        .actorsPerThread(3)
        .actorsBefore(0)
        .actorsAfter(0)
        .iterations(Integer.getInteger("x.mi", 50))
        .invocationsPerIteration(Integer.getInteger("x.mn", 300))
        .addGuarantee(
            // Nothing of these is under test; every access is one step.
            ManagedStrategyGuaranteeKt.forClasses(
                    FutexWord.class.getName(), MappedMemory.class.getName())
                .allMethods()
                .treatAsAtomic())
        .loopIterationsBeforeThreadSwitch(1)
        .sequentialSpecification(LincheckSpecification.class)
        .check(operations);
  }
}
