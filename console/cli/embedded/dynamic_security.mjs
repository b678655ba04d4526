// Accounts and rules of the embedded broker: the file and the commands of Mosquitto's dynamic-security plugin,
// as far as Anxin uses them.

import { pbkdf2, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { covers } from './topic_rules.mjs'

const ITERATIONS = 101
const HASH_BYTES = 64
const SALT_BYTES = 12
const REMEMBERED = 4096
const hash = promisify(pbkdf2)

/** A command that cannot be done; its message is Mosquitto's. */
class CommandError extends Error {}

export class DynamicSecurity {
  #path
  #state
  #clients
  #roles
  #judged = new Map() // username -> "acltype topic" -> boolean; dropped with every change

  /** `drop(username, forever)` is called when an account's sessions must end. */
  constructor (path, drop) {
    this.#path = path
    this.drop = drop
    this.#state = JSON.parse(readFileSync(path, 'utf8'))
    this.#clients = new Map((this.#state.clients ?? []).map(client => [client.username, client]))
    this.#roles = new Map((this.#state.roles ?? []).map(role => [role.rolename, role]))
  }

  /** True when the account exists, is not disabled and has this password. */
  async authenticate (username, password) {
    const client = this.#clients.get(username)
    if (!client?.password || client.disabled) return false
    const stored = Buffer.from(client.password, 'base64')
    const salt = Buffer.from(client.salt, 'base64')
    const given = await hash(password, salt, client.iterations, stored.length, 'sha512')
    return timingSafeEqual(stored, given) && this.#clients.get(username) === client && !client.disabled
  }

  maySend (username, topic) {
    return this.#may(username, 'publishClientSend', topic)
  }

  mayReceive (username, topic) {
    return this.#may(username, 'publishClientReceive', topic)
  }

  maySubscribe (username, filter) {
    return this.#may(username, 'subscribe', filter)
  }

  /** The answer to a message on `$CONTROL/dynamic-security/v1`. */
  execute (payload) {
    let commands
    try {
      commands = JSON.parse(payload.toString()).commands
      if (!Array.isArray(commands)) throw new CommandError()
    } catch {
      return { responses: [{ command: 'Unknown command', error: 'Invalid/missing commands' }] }
    }
    return { responses: commands.map(command => this.#answer(command)) }
  }

  #answer (command) {
    const answer = { command: command?.command }
    if (command?.correlationData !== undefined) answer.correlationData = command.correlationData
    try {
      const work = COMMANDS.get(command?.command)
      if (!work) throw new CommandError('Unknown command')
      const data = work.call(this, command)
      if (data) answer.data = data
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      answer.error = error.message
    }
    return answer
  }

  #may (username, kind, topic) {
    const client = this.#clients.get(username)
    if (!client || client.disabled) return false
    let judged = this.#judged.get(username)
    if (!judged) this.#judged.set(username, judged = new Map())
    const key = `${kind} ${topic}`
    let may = judged.get(key)
    if (may === undefined) {
      may = this.#judge(client, kind, topic)
      if (judged.size >= REMEMBERED) judged.clear()
      judged.set(key, may)
    }
    return may
  }

  #judge (client, kind, topic) {
    for (const { rolename } of byPriority(client.roles ?? [])) {
      for (const rule of byPriority(this.#roles.get(rolename)?.acls ?? [])) {
        if (applies(rule, kind, topic)) return rule.allow
      }
    }
    return this.#state.defaultACLAccess?.[kind] ?? false
  }

  #client (command) {
    const client = this.#clients.get(required(command, 'username'))
    if (!client) throw new CommandError('Client not found')
    return client
  }

  #save () {
    this.#judged.clear()
    this.#state.clients = [...this.#clients.values()]
    this.#state.roles = [...this.#roles.values()]
    const fresh = `${this.#path}.new`
    const file = openSync(fresh, 'w', 0o600)
    try {
      writeSync(file, JSON.stringify(this.#state, null, '\t'))
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(fresh, this.#path)
  }

  createRole (command) {
    const rolename = required(command, 'rolename')
    if (this.#roles.has(rolename)) throw new CommandError('Role already exists')
    this.#roles.set(rolename, { rolename, acls: command.acls ?? [] })
    this.#save()
  }

  deleteRole (command) {
    const rolename = required(command, 'rolename')
    if (!this.#roles.delete(rolename)) throw new CommandError('Role not found')
    for (const client of this.#clients.values()) {
      client.roles = (client.roles ?? []).filter(role => role.rolename !== rolename)
    }
    this.#save()
  }

  createClient (command) {
    const username = required(command, 'username')
    if (this.#clients.has(username)) throw new CommandError('Client already exists')
    const roles = command.roles ?? []
    if (roles.some(role => !this.#roles.has(role.rolename))) throw new CommandError('Role not found')
    this.#clients.set(username, { username, ...passwordFields(command.password), roles })
    this.#save()
  }

  deleteClient (command) {
    const { username } = this.#client(command)
    this.#clients.delete(username)
    this.#save()
    this.drop(username, true)
  }

  disableClient (command) {
    const client = this.#client(command)
    client.disabled = true
    this.#save()
    this.drop(client.username, false)
  }

  enableClient (command) {
    delete this.#client(command).disabled
    this.#save()
  }

  setClientPassword (command) {
    const client = this.#client(command)
    Object.assign(client, passwordFields(required(command, 'password')))
    this.#save()
    this.drop(client.username, false)
  }

  getClient (command) {
    const { username, roles, disabled } = this.#client(command)
    return { client: { username, roles: roles ?? [], groups: [], ...(disabled && { disabled }) } }
  }

  getRole (command) {
    const role = this.#roles.get(required(command, 'rolename'))
    if (!role) throw new CommandError('Role not found')
    return { role }
  }

  listClients () {
    const clients = [...this.#clients.keys()].sort()
    return { totalCount: clients.length, clients }
  }

  listRoles () {
    const roles = [...this.#roles.keys()].sort()
    return { totalCount: roles.length, roles }
  }
}

const COMMANDS = new Map([
  'createRole', 'deleteRole', 'createClient', 'deleteClient', 'disableClient', 'enableClient', 'setClientPassword',
  'getClient', 'getRole', 'listClients', 'listRoles'
].map(name => [name, DynamicSecurity.prototype[name]]))

function applies (rule, kind, topic) {
  if (kind !== 'subscribe') return rule.acltype === kind && covers(rule.topic, topic)
  if (rule.acltype === 'subscribeLiteral') return rule.topic === topic
  return rule.acltype === 'subscribePattern' && covers(rule.topic, topic)
}

function byPriority (entries) {
  return entries.toSorted((a, b) => (b.priority ?? 0) - (a.priority ?? 0))
}

function required (command, name) {
  const value = command[name]
  if (typeof value !== 'string' || value === '') throw new CommandError(`Invalid/missing ${name}`)
  return value
}

function passwordFields (password) {
  if (!password) return {}
  const salt = randomBytes(SALT_BYTES)
  return {
    password: pbkdf2Sync(password, salt, ITERATIONS, HASH_BYTES, 'sha512').toString('base64'),
    salt: salt.toString('base64'),
    iterations: ITERATIONS
  }
}
