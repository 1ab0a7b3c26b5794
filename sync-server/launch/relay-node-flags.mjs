/**
 * What a relay asks of its Node, wherever it is started: `deploy/` says the same.
 *
 * What a branch brings stays: of V8's youngest objects, 16 MB by default, almost all have to be moved at once, and everybody's sales wait for that. Of 20,000 sales, read and
 * kept, the pauses were 35 to 100 ms at 16 MB and 7 to 12 ms at 4 MB, the process took no more of the processor, and a third less memory.
 */
export const RELAY_NODE_FLAGS = ['--max-semi-space-size=4'];

/**
 * And of the C library: every thread of a process may have a heap of its own there, which gives back little. A relay has a dozen threads (signatures, V8's collections, logs), each
 * of which has had something of every branch in its hands.
 */
export const RELAY_ENVIRONMENT = { MALLOC_ARENA_MAX: '2' };
