export { type Actor, may, scopeOf } from './actor.ts'
export { Actors, type Credentials } from './actors.ts'
export { createIdentityService, hashPassword, identityRoutes, type IdentityService } from './identity.ts'
export { SignInLimiter } from './sign-in-limiter.ts'
