import { BaseSequencer } from 'vitest/node'

/**
 * Files that take longest, however short they are: begun last they would keep one worker busy while the others have ended.
 * Those that work and those that wait in turn.
 */
const longest = [
  'apps/control-plane/src/operations-resume.test.ts',
  'apps/control-plane/src/uploads.test.ts',
  'packages/link/src/load.test.ts',
  'packages/testkit/src/contract/fake.test.ts',
  'apps/control-plane/src/operations.test.ts',
  'apps/control-plane/src/withdrawn.test.ts',
  'apps/control-plane/src/hidden.test.ts',
  'apps/control-plane/src/cancelling.test.ts',
  'infra/spine/two-agents.test.ts',
  'apps/control-plane/src/live/live.test.ts',
  'packages/link/src/ends.test.ts',
  'apps/control-plane/src/agents/agents.test.ts',
  'infra/up/up.engine.test.ts',
  'packages/engine-oci/src/failure-points.engine.test.ts',
  'infra/spine/contract.engine.test.ts',
  'packages/engine-oci/src/containers/shared-network.engine.test.ts',
  'packages/engine-docker/src/contract.engine.test.ts',
  'packages/engine-oci/src/containers/network-changes.engine.test.ts',
  'packages/engine-oci/src/contract.engine.test.ts',
  'infra/spine/both-engines.engine.test.ts',
  'packages/engine-oci/src/images/images.engine.test.ts',
  'packages/engine-oci/src/network/isolation.engine.test.ts',
  'infra/spine/second-host.engine.test.ts',
  'packages/reach/src/reach.engine.test.ts',
  'packages/engine-docker/src/volumes/volume-helpers.engine.test.ts',
  'infra/spine/streams.engine.test.ts',
]

/** The order in which a fresh clone, which remembers no run, gives its test files to the workers. */
export default class LongestFirst extends BaseSequencer {
  /** @override @param {import("vitest/node").TestSpecification[]} files */
  async sort(files) {
    const place = (/** @type {import('vitest/node').TestSpecification} */ { moduleId }) => {
      const found = longest.findIndex((path) => moduleId.endsWith(`/${path}`))
      return found === -1 ? longest.length : found
    }
    // `sort` is stable: what is not named stays in the order of the tool.
    return (await super.sort(files)).sort((a, b) => Number(isUnit(b)) - Number(isUnit(a)) || place(a) - place(b))
  }
}

/** Projects run one after the other. @param {import('vitest/node').TestSpecification} file */
const isUnit = ({ project }) => project.name === 'unit'
