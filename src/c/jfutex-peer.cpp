// SPDX-License-Identifier: Apache-2.0
//
// jfutex.h in C++: the same program.

#include "jfutex-peer.c"
