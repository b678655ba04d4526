// The embedded broker where Mosquitto is not installed: node broker.mjs STATE HOST PORT [SOCKET]
//
// aedes with Mosquitto's accounts file and commands. Retained messages and sessions live in memory.

import { rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { Aedes } from 'aedes'
import { DynamicSecurity } from './dynamic_security.mjs'

const CONTROL = '$CONTROL/dynamic-security/v1'
const RESPONSE = `${CONTROL}/response`
// where a message goes that its sender may not publish: acknowledged and forgotten, as Mosquitto does
const REFUSED = '$refused'
const BEFORE_LOGIN_BYTES = 1 << 20
const REJECTED = 2
const BAD_PASSWORD = 4

const [statePath, host, port, socket] = process.argv.slice(2)
const live = new Map() // username -> its connected clients
const owners = new Map() // client id -> username, for as long as the session may come back
const security = new DynamicSecurity(statePath, drop)

const broker = await Aedes.createBroker({
  maxClientsIdLength: 128,
  authenticate (client, username, password, done) {
    authenticate(client, username, password).then(
      refusal => refusal ? done(Object.assign(new Error(refusal.text), { returnCode: refusal.code })) : done(null, true),
      error => done(error)
    )
  },
  authorizePublish (client, packet, done) {
    // a will was judged when its client connected, who may have been revoked since
    if (!client || packet === client.will || security.maySend(client.username, packet.topic)) {
      if (packet.topic === CONTROL) control(client, packet)
    } else {
      log('WARNING', 'publish.refused', { user: client.username, topic: packet.topic })
      forget(packet)
    }
    done(null)
  },
  authorizeSubscribe (client, subscription, done) {
    const may = security.maySubscribe(client.username, subscription.topic)
    if (!may) log('WARNING', 'subscribe.refused', { user: client.username, filter: subscription.topic })
    done(null, may ? subscription : null)
  },
  authorizeForward (client, packet) {
    return security.mayReceive(client.username, packet.topic) ? packet : null
  }
})

broker.on('client', client => {
  owners.set(client.id, client.username)
  if (!live.has(client.username)) live.set(client.username, new Set())
  live.get(client.username).add(client)
})
broker.on('clientDisconnect', client => {
  if (client.clean && !broker.clients[client.id]) owners.delete(client.id)
  const clients = live.get(client.username)
  clients?.delete(client)
  if (clients?.size === 0) live.delete(client.username)
})

function take (connection) {
  connection.setNoDelay(true)
  connection.on('readable', () => {
    if (connection.bytesRead > BEFORE_LOGIN_BYTES && !connection.client?.username) connection.destroy()
  })
  broker.handle(connection)
}

if (socket) rmSync(socket, { force: true }) // what a killed broker left behind
const servers = [...(socket ? [[socket]] : []), [Number(port), host]].map(place => {
  const server = createServer(take)
  server.on('error', error => {
    log('ERROR', 'broker.failed', { place, reason: error.message })
    process.exit(1)
  })
  return server.listen(...place, () => log('INFO', 'broker.listening', { place }))
})

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    for (const server of servers) server.close()
    broker.close(() => process.exit(0))
    setTimeout(() => process.exit(0), 1000)
  })
}

async function authenticate (client, username, password) {
  if (!username || !password || !await security.authenticate(username, password)) {
    log('WARNING', 'login.refused', { user: username ?? '' })
    return { code: BAD_PASSWORD, text: 'bad user name or password' }
  }
  // a session belongs to who opened it: nobody else may take it over and read what waits in it
  if ((owners.get(client.id) ?? username) !== username) {
    log('WARNING', 'session.refused', { user: username, client: client.id })
    return { code: REJECTED, text: 'identifier rejected' }
  }
  if (client._will && !security.maySend(username, client._will.topic)) {
    log('WARNING', 'will.refused', { user: username, topic: client._will.topic })
    return { code: BAD_PASSWORD + 1, text: 'not authorized' }
  }
  client.username = username
  return null
}

function control (client, packet) {
  const answer = security.execute(packet.payload)
  forget(packet) // it holds passwords
  client.publish({ topic: RESPONSE, payload: JSON.stringify(answer), qos: 0, retain: false }, () => {})
}

function forget (packet) {
  packet.topic = REFUSED
  packet.payload = Buffer.alloc(0)
  packet.retain = false
}

function drop (username, forever) {
  for (const client of live.get(username) ?? []) {
    client.will = null // as Mosquitto does: whoever ends the session says so
    client.close()
  }
  if (!forever) return
  for (const [id, owner] of owners) {
    if (owner !== username) continue
    owners.delete(id)
    broker.persistence.cleanSubscriptions({ id })
  }
}

function log (level, action, facts) {
  const words = Object.entries(facts).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  process.stderr.write(`${new Date().toISOString()} broker   ${level.padEnd(7)} ${[action, ...words].join(' ')}\n`)
}
