import { fuzzEnvironment, fuzzMinutes, fuzzTests } from './fuzz.mjs'

/**
 * What runs longer than `npm test` may: each by its name, in less than 90 minutes on two cores.
 * @typedef {object} LongRun
 * @property {string} what one sentence
 * @property {number} minutes after which it has failed
 * @property {readonly string[]} [tests] paths for vitest, which runs them in namespaces of their own
 * @property {'engine' | 'long' | 'unit' | readonly string[]} [project] vitest's; `engine` unless said otherwise
 * @property {Record<string, string>} [env]
 * @property {readonly string[]} [packages] Debian packages beyond those of `npm test`
 * @property {boolean} [kernel] whether Debian's kernel is to be fetched
 * @property {readonly string[]} [browser] instead of those: specs for playwright; none are all of them
 * @property {string} [script] instead of tests: a program that makes its surroundings itself
 */

const atFullLength = { FLOTILLA_LONG: '1' }

/** @type {Record<string, LongRun>} */
export const longRuns = {
  torture: {
    what: 'agents and control planes killed at every point of every change and under load, changes that fail at each of theirs, races repeated, a thousand megabytes of log into a tab that stands still, and two whole instances on one machine',
    minutes: 60,
    project: ['unit', 'engine'],
    env: atFullLength,
    tests: [
      'apps/control-plane/src/operations-resume.test.ts',
      'packages/files/src/files.test.ts',
      'packages/files/src/swap.test.ts',
      'packages/files/src/take-name.test.ts',
      'packages/engine-docker/src/failure-points.engine.test.ts',
      'packages/engine-docker/src/volumes/volume-helpers.engine.test.ts',
      'packages/engine-oci/src/failure-points.engine.test.ts',
      'packages/engine-oci/src/containers/change-errors.engine.test.ts',
      'packages/engine-oci/src/containers/network-changes.engine.test.ts',
      'packages/engine-oci/src/containers/shared-network.engine.test.ts',
      'packages/engine-oci/src/images/images.engine.test.ts',
      'packages/engine-oci/src/network/change-crash.engine.test.ts',
      'packages/engine-oci/src/network/crash.engine.test.ts',
      'packages/engine-oci/src/volumes/failure-points.engine.test.ts',
      'packages/engine-oci/src/logs/kill.engine.test.ts',
      'infra/spine/streams.engine.test.ts',
      'infra/up/up.engine.test.ts',
    ],
  },
  browser: {
    what: 'all browser tests with each page in every look and its picture, a real second host, and a thousand rows changed',
    minutes: 40,
    env: atFullLength,
    browser: [],
  },
  'link-load': {
    what: 'ten thousand cancels, thousands of calls, hundreds of stalled readers, hostile bytes and the whole contract over each transport',
    minutes: 15,
    project: 'unit',
    env: atFullLength,
    tests: [
      'packages/link/src/hostile.test.ts',
      'packages/link/src/load.test.ts',
      'packages/testkit/src/contract/fake.test.ts',
    ],
  },
  fuzz: {
    what: 'random and hostile inputs to all that reads what comes from outside; as long as FLOTILLA_FUZZ_MINUTES says',
    minutes: Math.ceil(fuzzMinutes * 1.25) + 5,
    project: 'unit',
    get env() {
      return fuzzEnvironment()
    },
    tests: fuzzTests,
  },
  openapi: {
    what: 'requests to every REST route, stream and the live channel as everybody: no internal error, and nothing grows; as long as FLOTILLA_FUZZ_MINUTES says, else an hour',
    minutes: 85,
    project: 'long',
    tests: ['infra/long/openapi.long.test.ts'],
  },
  contract: {
    what: 'the whole contract of the native engine and Docker, straight, over each transport, joined and over SSH',
    minutes: 85,
    env: atFullLength,
    tests: [
      'infra/spine/contract.engine.test.ts',
      'packages/engine-docker/src/contract.engine.test.ts',
      'packages/engine-oci/src/contract.engine.test.ts',
    ],
  },
  'thousand-agents': {
    what: '1,000 agents with engines in memory join one control plane, are lost in part and come back',
    minutes: 20,
    project: 'long',
    tests: ['infra/long/thousand-agents.long.test.ts'],
  },
  floods: {
    what: 'a control plane that strangers flood with connections, heads, bodies and sign-ins answers and is not held up',
    minutes: 10,
    project: 'long',
    tests: ['infra/long/floods.long.test.ts'],
  },
  cgroup2: {
    what: "the kernel's figures, the main job and the native engine's contract in a virtual machine with cgroup v2 alone",
    minutes: 80,
    packages: ['qemu-system-x86'],
    kernel: true,
    script: 'infra/long/cgroup2.mjs',
  },
  'foreign-machine': {
    what: 'npm run up and the engines on a host with Docker, Podman, firewall rules and an instance of others',
    minutes: 60,
    packages: ['podman'],
    project: 'long',
    tests: ['infra/long/foreign-machine.long.test.ts'],
  },
}
