import common from './common.json'
import units from './units.json'
import errors from './errors.json'
import frame from './frame.json'
import places from './places.json'
import account from './account.json'
import roles from './roles.json'
import keys from './keys.json'
import palette from './palette.json'
import live from './live.json'
import table from './table.json'
import states from './states.json'
import permissions from './permissions.json'
import operations from './operations.json'
import hosts from './hosts.json'
import containers from './containers.json'
import notFound from './not-found.json'

/** The texts that every page has at hand; the long ones of single pages are added there. */
export const frameMessages = {
  common,
  units,
  errors,
  frame,
  places,
  account,
  roles,
  keys,
  palette,
  live,
  table,
  states,
  permissions,
  operations,
  hosts,
  containers,
  notFound,
}
