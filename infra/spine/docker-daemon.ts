/** A Docker daemon of its own, for whoever needs one beside a platform. */
export { makeTestDaemon, type TestDaemon } from '../../packages/engine-docker/src/testing/docker-fixture.ts'
