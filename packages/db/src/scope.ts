/** Whose rows a repository call may see. A row of another organisation is one that does not exist. */
export interface OrganisationScope {
  readonly organisationId: string
}
