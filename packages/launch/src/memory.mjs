/**
 * How Node runs the agent. What it does is small and often: with V8's usual 16 MB for young objects it keeps some 20 MB of
 * memory that it needs for a moment at its start.
 */
export const agentFlags = ['--max-semi-space-size=1']

/**
 * How Node runs the control plane. Prisma's WebAssembly plans each kind of query once, mostly at the start: V8's optimising
 * compiler, which by itself comes after some milliseconds, would cost more than all the rest of the start. With this it
 * waits until a function has worked through a hundred million bytes.
 */
export const controlPlaneFlags = ['--wasm-tiering-budget=100000000']

/**
 * How the C library gives memory to Node's programs (mallopt(3)). It raises the size from which a buffer is mapped alone as
 * soon as one is freed; from then on the chunks of a log come from the heap, which cannot shrink while a single small
 * thing lies above them: an agent that was flooded once kept 50 MB for ever. A threshold that is set stays, and a buffer of
 * 64 KiB goes back to the kernel at once. Two arenas serve as well as the usual 8 for each processor.
 */
export const memoryEnvironment = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '65536',
  MALLOC_TRIM_THRESHOLD_: '131072',
}

/**
 * For programs that live for a second, such as the command line: what the optimising compiler would make of Prisma's WebAssembly
 * comes too late for them, and takes as much of the processor's time as all the rest of such a program.
 */
export const briefFlags = ['--liftoff-only']
