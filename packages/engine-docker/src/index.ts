export { createDockerEngine, type DockerEngineOptions } from './create-docker-engine.ts'
