/** By which other nouns name it, and its permissions that methods of theirs take. */
export const containerKind = 'container'
export const containerExec = 'containers.exec'
export const containerPrivileged = 'containers.create.privileged'
