// Elasticsearch's official client for JavaScript, unchanged, against a sidecar.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Client, errors } from '@elastic/elasticsearch'

const node = process.env.TRAILCAR_URL
const token = process.env.TRAILCAR_TOKEN
const client = new Client({ node, auth: { bearer: token } })
const set = { set: { field: 'a', value: 1, tag: 'first' } }

const refused = (status, reason) => error => {
  assert(error instanceof errors.ResponseError, String(error))
  assert.equal(error.statusCode, status)
  assert.match(error.message, reason)
  return true
}

test('info and ping', async () => {
  assert.equal(await client.ping(), true)
  const { body, headers } = await client.info({}, { meta: true })
  assert.equal(body.tagline, 'You Know, for Search')
  assert.equal(headers['x-elastic-product'], 'Elasticsearch')
})

test('pipelines are put, got and deleted', async () => {
  assert.deepEqual(await client.ingest.putPipeline({ id: 'js-a', version: 3, processors: [set] }), { acknowledged: true })
  assert.deepEqual(await client.ingest.getPipeline({ id: 'js-*' }), { 'js-a': { version: 3, processors: [set] } })
  assert('cursor.audit' in await client.ingest.getPipeline())
  const conflict = client.ingest.putPipeline({ id: 'js-a', if_version: 9, processors: [] })
  await assert.rejects(conflict, refused(400, /version conflict, required version \[9\]/))
  await client.ingest.putPipeline({ id: 'js-a', if_version: 3, processors: [] })
  assert.deepEqual(await client.ingest.getPipeline({ id: 'js-a' }), { 'js-a': { version: 4, processors: [] } })
  assert.deepEqual(await client.ingest.deletePipeline({ id: 'js-*' }), { acknowledged: true })
  await assert.rejects(client.ingest.deletePipeline({ id: 'js-a' }), refused(404, /pipeline \[js-a\] is missing/))
  await assert.rejects(client.ingest.getPipeline({ id: 'js-a' }), refused(404, /./))
})

test('all mistakes of a pipeline are told', async () => {
  const processors = [{ set: { field: 'a', tag: 't' } }, { nope: {} }]
  await assert.rejects(client.ingest.putPipeline({ id: 'js-b', processors }), error => {
    const told = error.meta.body.error
    assert.deepEqual([told.type, told.processor_type, told.processor_tag, told.property_name], ['parse_exception', 'set', 't', 'value'])
    assert.equal(told.suppressed[0].reason, 'No processor type exists with name [nope]')
    return refused(400, /required property is missing/)(error)
  })
})

test('documents are simulated', async () => {
  const docs = [{ _index: 'i', _id: '1', _source: { b: 2 } }]
  const done = await client.ingest.simulate({ pipeline: { processors: [set] }, docs })
  assert.deepEqual(done.docs[0].doc._source, { b: 2, a: 1 })
  await client.ingest.putPipeline({ id: 'js-c', processors: [set, { drop: { if: 'ctx.b == 2' } }] })
  const told = await client.ingest.simulate({ id: 'js-c', verbose: true, docs })
  assert.deepEqual(told.docs[0].processor_results.map(result => result.status), ['success', 'dropped'])
  await client.ingest.deletePipeline({ id: 'js-c' })
})

test('writes are simulated', async () => {
  const pipeline_substitutions = { 'cursor.audit': { processors: [{ set: { field: 'c', value: 3 } }] } }
  const docs = [{ _id: '1', _source: { b: 2 } }]
  const done = await client.simulate.ingest({ index: 'logs-cursor.audit-default', docs, pipeline_substitutions })
  assert.deepEqual(done.docs[0].doc._source, { b: 2, c: 3 })
  assert.deepEqual(done.docs[0].doc.executed_pipelines, ['cursor.audit'])
})

test('scripts are put, got, executed and deleted', async () => {
  const script = { lang: 'painless', source: 'ctx.a = params.x' }
  await client.putScript({ id: 'js-s', script })
  assert.deepEqual(await client.getScript({ id: 'js-s' }), { _id: 'js-s', found: true, script })
  await client.deleteScript({ id: 'js-s' })
  await assert.rejects(client.getScript({ id: 'js-s' }), refused(404, /./))
  const { result } = await client.scriptsPainlessExecute({ script: { source: '6 * params.x', params: { x: 7 } } })
  assert.equal(result, '42')
  await assert.rejects(client.scriptsPainlessExecute({ script: { source: '6 *' } }), refused(400, /compile error/))
})

test('patterns of grok are listed', async () => {
  const { patterns } = await client.ingest.processorGrok()
  assert.equal(typeof patterns.IP, 'string')
})

test('bodies may be packed', async () => {
  const packed = new Client({ node, auth: { bearer: token }, compression: true })
  const docs = [{ _source: { text: 'x'.repeat(100_000) } }]
  const done = await packed.ingest.simulate({ pipeline: { processors: [set] }, docs })
  assert.equal(done.docs[0].doc._source.text.length, 100_000)
})

test('who may not come in is told so', async () => {
  for (const auth of [{ apiKey: token }, { apiKey: { id: 'ada', api_key: token } }, { username: 'ada', password: token }]) {
    assert('cursor.audit' in await new Client({ node, auth }).ingest.getPipeline())
  }
  await assert.rejects(new Client({ node }).ingest.getPipeline(), refused(401, /missing authentication credentials/))
  const member = new Client({ node, auth: { bearer: process.env.TRAILCAR_MEMBER } })
  await assert.rejects(member.ingest.getPipeline(), refused(403, /with the role member/))
})
