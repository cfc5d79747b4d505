export { createOciEngine, type OciEngineOptions } from './create-oci-engine.ts'
export { engineFailurePoints } from './containers/failure-points.ts'
export { createUnavailableEngine } from './unavailable-engine.ts'
