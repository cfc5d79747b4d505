export { createOciEngine, type OciEngineOptions } from './create-oci-engine.ts'
export { createUnavailableEngine } from './unavailable-engine.ts'
