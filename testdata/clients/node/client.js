// The xmlrpc package of Node as a client of co2: client.js calls|satellite URL
'use strict'
const { isDeepStrictEqual } = require('node:util')
const xmlrpc = require('xmlrpc')
const { version } = require('xmlrpc/package.json')

const values = {
  int: [2147483647],
  negative: [-2147483648],
  i8: [9007199254740991],
  boolean: [true, false],
  string: ['hello'],
  markup: ['a<b>&"c\'', ']]>'],
  unicode: ['é 日本'],
  astral: ['😀'],
  'empty-string': [''],
  spaces: ['  a\nb  '],
  double: [0.1, -1234.0625],
  datetime: [new Date(1998, 6, 17, 14, 8, 55)],
  base64: [Buffer.from(Array.from({ length: 256 }, (_, i) => i))],
  array: [[1, 'two', true]],
  'empty-array': [[]],
  struct: [{ one: 1, two: 'zwei' }],
  'empty-struct': [{}],
  nested: [{ list: [{ deep: [1, [2, []]] }, 'x'], struct: { inner: { n: -1 } } }],
  nil: [null],
}

function caller (url) {
  const client = xmlrpc.createClient({ url })
  return (name, ...params) => new Promise((resolve, reject) =>
    client.methodCall(name, params, (error, value) => error ? reject(error) : resolve(value)))
}

function want (good, got) {
  if (!good) throw new Error('got ' + JSON.stringify(got))
}

async function check (name, run) {
  try {
    await run()
    console.log('ok', name)
  } catch (error) {
    console.log('no', name, String(error).replace(/\s+/g, ' '))
  }
}

async function calls (url) {
  const call = caller(url)
  console.log(`version xmlrpc ${version} on Node ${process.version}`)
  for (const [name, list] of Object.entries(values)) {
    await check(name, async () => {
      for (const value of list) {
        const got = await call('test', value)
        want(isDeepStrictEqual(got, value), got)
      }
    })
  }
  await check('list', async () => {
    const names = await call('system.listMethods')
    want(names.includes('relay.register') && names.includes('ping'), names)
  })
  await check('fault', async () => {
    const fault = await call('no.such').catch(error => error)
    want(fault.faultCode === -32601, fault)
  })
  await check('multicall', async () => {
    const batch = [['ping'], ['test', 'x'], ['no.such']]
    const got = await call('system.multicall', batch.map(([methodName, ...params]) => ({ methodName, params })))
    want(got.length === 3 && isDeepStrictEqual(got.slice(0, 2), [['OK'], ['x']]) && got[2].faultCode === -32601, got)
  })
}

function satellite (url) {
  const server = xmlrpc.createServer({ host: '127.0.0.1', port: 0 }, async () => {
    const { port } = server.httpServer.address()
    console.log('registered', await caller(url)('relay.register', { port, nick: 'node' }))
  })
  server.on('ping', (_, params, answer) => answer(null, 'OK'))
  server.on('notify', (_, [message], answer) => {
    console.log('notify', message.host_id, message.data.text)
    answer(null, 'OK')
  })
  process.stdin.resume().on('end', () => process.exit())
}

const [mode, url] = process.argv.slice(2)
const modes = { calls, satellite }
modes[mode](url)
