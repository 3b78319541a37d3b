// The vendor's Node.js SDK for identities against funcd: every operation of the vendor's specification that is kept here, what it does,
// and what users are told when they do it wrong. At the end each must have done what it was asked for, and refused somebody.
'use strict';

const assert = require('node:assert/strict');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { BasicCredentials, GlobalCredentials } = require('@huaweicloud/huaweicloud-sdk-core');
// The package's own index asks for files of its v5 that are not in it.
const sdk = require('@huaweicloud/huaweicloud-sdk-iam/v3/public-api');
const { NOBODY, maker, method, offered, where } = require('./vendor');

const make = maker(sdk);
const [PROJECT, REGION, PASSWORD] = [where.project_id, where.region, 'Correct-Horse-1'];
const done = new Set();
const denied = new Set();

// Who asks. Where the SDK takes the project from the credentials and not from the request, they are of that project.
function connect(access = where.access_key, secret = where.secret_key, token) {
  const by = (credential) => {
    credential.withAk(access).withSk(secret).withSecurityToken(token).withIamEndpoint(where.api);
    return sdk.IamClient.newBuilder().withCredential(credential).withEndpoint(where.api).build();
  };
  const client = by(new GlobalCredentials());
  return { send(operation, { projectId, ...fields }) {
    const named = projectId && !sdk[`${operation}Request`].prototype.withProjectId;
    const request = make(`${operation}Request`, named || !projectId ? fields : { projectId, ...fields });
    return (named ? by(new BasicCredentials().withProjectId(projectId)) : client)[method(operation)](request);
  } };
}

const client = connect();

async function call(operation, fields, using = client) {
  try {
    const answer = await using.send(operation, fields);
    done.add(operation);
    return answer;
  } catch (error) {
    error.message = `${operation}: ${error.message} ${error.httpStatusCode || ''} ${error.errorMsg || ''}`;
    throw error;
  }
}

// The answer's words have this part; a HEAD has no words.
async function refused(status, part, operation, fields, using = client) {
  try {
    await using.send(operation, fields);
  } catch (error) {
    assert.equal(error.httpStatusCode, status, `${operation}: ${error}: ${error.errorMsg}`);
    assert.ok(String(error.errorMsg || '').includes(part), `${operation}: ${error.errorMsg}`);
    denied.add(operation);
    return;
  }
  assert.fail(`${operation} should have been refused with ${status}`);
}

const same = (shown, expect) =>
  assert.deepEqual(Object.fromEntries(Object.keys(expect).map((name) => [name, shown[name]])), expect);

// A user with a key, who may do nothing.
async function member(name, domain) {
  const { user } = await call('CreateUser', { body: { user: { name, domain_id: domain, password: PASSWORD } } });
  const { credential } = await call('CreatePermanentAccessKey', { body: { credential: { user_id: user.id } } });
  return { id: user.id, access: credential.access, secret: credential.secret, client: connect(credential.access, credential.secret) };
}

async function catalog() {
  const { version } = await call('KeystoneShowVersion', {});
  assert.deepEqual((await call('KeystoneListVersions', {})).versions.values.map((one) => one.id), [version.id]);
  const { domains: [domain] } = await call('KeystoneListAuthDomains', {});
  const services = (await call('KeystoneShowCatalog', {})).catalog;
  assert.deepEqual(services.map((one) => one.name).sort(), ['apig', 'functiongraph', 'iam']);
  const { services: [fgs] } = await call('KeystoneListServices', { type: 'fgs' });
  assert.equal((await call('KeystoneShowService', { serviceId: fgs.id })).service.name, 'functiongraph');
  const { endpoints: [endpoint] } = await call('KeystoneListEndpoints', { serviceId: fgs.id });
  assert.equal((await call('KeystoneShowEndpoint', { endpointId: endpoint.id })).endpoint.service_id, fgs.id);
  assert.deepEqual((await call('KeystoneListRegions', {})).regions.map((one) => one.id), [REGION]);
  assert.equal((await call('KeystoneShowRegion', { regionId: REGION })).region.id, REGION);
  await refused(404, 'could not find service', 'KeystoneShowService', { serviceId: NOBODY });
  await refused(404, 'could not find endpoint', 'KeystoneShowEndpoint', { endpointId: NOBODY });
  await refused(404, 'could not find region', 'KeystoneShowRegion', { regionId: 'elsewhere-1' });
  // What everybody who is known may ask is refused to whoever is not.
  const nobody = connect('NOBODYHASTHISKEYATALL', 'nothing');
  for (const operation of ['KeystoneShowCatalog', 'KeystoneListAuthDomains', 'KeystoneListServices', 'KeystoneListEndpoints',
    'KeystoneListRegions', 'KeystoneListAuthProjects']) {
    await refused(401, '', operation, {}, nobody);
  }
  return domain.id;
}

async function users(domain) {
  const asked = { name: 'node-reader', domain_id: domain, password: PASSWORD, email: 'node@example.test', description: 'reads' };
  const { user } = await call('CreateUser', { body: { user: asked } });
  same((await call('ShowUser', { userId: user.id })).user, { name: 'node-reader', email: 'node@example.test', description: 'reads' });
  const plain = { name: 'node-plain', password: PASSWORD };
  const other = (await call('KeystoneCreateUser', { body: { user: plain } })).user;
  same((await call('KeystoneShowUser', { userId: other.id })).user, { name: 'node-plain', domain_id: domain });
  await call('UpdateUser', { userId: user.id, body: { user: { name: 'node-lector' } } });
  await call('KeystoneUpdateUserByAdmin', { userId: user.id, body: { user: { enabled: false } } });
  const listed = (await call('KeystoneListUsers', { enabled: false })).users;
  assert.deepEqual(listed.map((one) => one.name), ['node-lector']);
  const own = await member('node-self', domain);
  const about = { userId: own.id };
  await call('UpdateUserInformation', { ...about, body: { user: { email: 'self@example.test' } } }, own.client);
  const change = (password, original) => ({ ...about, body: { user: { password, original_password: original } } });
  await call('KeystoneUpdateUserPassword', change('Battery-Staple-2', PASSWORD), own.client);

  await refused(409, 'a user named', 'CreateUser', { body: { user: { ...asked, name: 'node-plain' } } });
  await refused(409, 'a user named', 'KeystoneCreateUser', { body: { user: plain } });
  await refused(400, 'user.name must be', 'UpdateUser', { userId: user.id, body: { user: { name: ' ' } } });
  await refused(404, 'could not find user', 'KeystoneUpdateUserByAdmin', { userId: NOBODY, body: { user: { enabled: true } } });
  await refused(403, 'iam:users:listUsers', 'KeystoneListUsers', {}, own.client);
  await refused(400, 'user.email must be', 'UpdateUserInformation', { ...about, body: { user: { email: 'x'.repeat(256) } } }, own.client);
  await refused(401, 'password is wrong', 'KeystoneUpdateUserPassword', change('Another-Staple-3', PASSWORD), own.client);
  for (const one of [user.id, other.id, own.id]) await call('KeystoneDeleteUser', { userId: one });
  for (const operation of ['KeystoneDeleteUser', 'KeystoneShowUser', 'ShowUser']) {
    await refused(404, user.id, operation, { userId: user.id });
  }
}

async function keys(domain) {
  const own = await member('node-holder', domain);
  const made = (await call('CreatePermanentAccessKey', { body: { credential: { description: 'second' } } }, own.client)).credential;
  const { credentials } = await call('ListPermanentAccessKeys', { userId: own.id });
  assert.ok(credentials.length === 2 && credentials.every((one) => one.secret === undefined), JSON.stringify(credentials));
  const second = connect(made.access, made.secret);
  await call('KeystoneListAuthProjects', {}, second);
  assert.ok((await call('ShowPermanentAccessKey', { accessKey: made.access })).credential.last_use_time);
  const status = (value) => ({ accessKey: made.access, body: { credential: { status: value } } });
  await call('UpdatePermanentAccessKey', status('inactive'));
  await refused(401, 'disabled', 'KeystoneListAuthProjects', {}, second);
  await call('DeletePermanentAccessKey', { accessKey: made.access });
  await refused(400, 'active or inactive', 'UpdatePermanentAccessKey', { ...status('lost'), accessKey: own.access });
  await refused(404, 'user', 'CreatePermanentAccessKey', { body: { credential: { user_id: NOBODY } } });
  await refused(403, 'iam:credentials:listCredentials', 'ListPermanentAccessKeys', { userId: NOBODY }, own.client);
  for (const operation of ['ShowPermanentAccessKey', 'DeletePermanentAccessKey']) {
    await refused(404, 'access key', operation, { accessKey: made.access });
  }
  await call('KeystoneDeleteUser', { userId: own.id });
}

async function groups(domain, roles) {
  const own = await member('node-joins', domain);
  const { group } = await call('KeystoneCreateGroup', { body: { group: { name: 'node-readers', description: 'read' } } });
  same((await call('KeystoneShowGroup', { groupId: group.id })).group, { name: 'node-readers', description: 'read' });
  await call('KeystoneUpdateGroup', { groupId: group.id, body: { group: { name: 'node-lectors' } } });
  assert.deepEqual((await call('KeystoneListGroups', { name: 'node-lectors' })).groups.map((one) => one.id), [group.id]);
  const pair = { groupId: group.id, userId: own.id };
  await refused(404, '', 'KeystoneCheckUserInGroup', pair);
  await call('KeystoneAddUserToGroup', pair);
  await call('KeystoneCheckUserInGroup', pair);
  assert.deepEqual((await call('KeystoneListUsersForGroupByAdmin', { groupId: group.id })).users.map((one) => one.id), [own.id]);
  assert.deepEqual((await call('KeystoneListGroupsForUser', { userId: own.id })).groups.map((one) => one.id), [group.id]);

  // What is granted to the group counts for its member, and what is taken back does not.
  const granted = { projectId: PROJECT, groupId: group.id, roleId: roles.get('ReadOnlyAccess') };
  const listed = async () => (await call('KeystoneListProjectPermissionsForGroup', { projectId: PROJECT, groupId: group.id })).roles;
  await refused(403, 'iam:groups:listGroups', 'KeystoneListGroups', {}, own.client);
  await call('KeystoneAssociateGroupWithProjectPermission', granted);
  assert.deepEqual((await listed()).map((one) => one.id), [granted.roleId]);
  await call('KeystoneShowProject', { projectId: PROJECT }, own.client);
  await call('KeystoneRemoveProjectPermissionFromGroup', granted);
  assert.deepEqual(await listed(), []);
  await refused(404, '', 'KeystoneRemoveProjectPermissionFromGroup', granted);
  await refused(404, 'no role', 'KeystoneAssociateGroupWithProjectPermission', { ...granted, roleId: NOBODY });
  await refused(404, 'could not find', 'KeystoneListProjectPermissionsForGroup', { projectId: PROJECT, groupId: NOBODY });

  await call('KeystoneRemoveUserFromGroup', pair);
  await refused(404, '', 'KeystoneRemoveUserFromGroup', pair);
  await refused(409, 'a group named', 'KeystoneCreateGroup', { body: { group: { name: 'node-lectors' } } });
  await refused(404, 'user', 'KeystoneAddUserToGroup', { groupId: group.id, userId: NOBODY });
  await refused(404, 'could not find user', 'KeystoneListGroupsForUser', { userId: NOBODY });
  await call('KeystoneDeleteGroup', { groupId: group.id });
  for (const operation of ['KeystoneShowGroup', 'KeystoneListUsersForGroupByAdmin', 'KeystoneDeleteGroup']) {
    await refused(404, 'group', operation, { groupId: group.id });
  }
  await refused(404, 'group', 'KeystoneUpdateGroup', { groupId: group.id, body: { group: { description: '' } } });
  await call('KeystoneDeleteUser', { userId: own.id });
}

async function projects(domain) {
  const name = `${REGION}_node`;
  const { project } = await call('KeystoneCreateProject', { body: { project: { name, description: 'tried', parent_id: PROJECT } } });
  assert.deepEqual((await call('KeystoneListProjects', { name })).projects.map((one) => one.id), [project.id]);
  await call('KeystoneUpdateProject', { projectId: project.id, body: { project: { description: 'tried on' } } });
  same((await call('KeystoneShowProject', { projectId: project.id })).project, { name, description: 'tried on' });
  await call('UpdateProjectStatus', { projectId: project.id, body: { project: { status: 'suspended' } } });
  assert.equal((await call('ShowProjectDetailsAndStatus', { projectId: project.id })).project.status, 'suspended');
  const own = await member('node-works', domain);
  assert.deepEqual((await call('KeystoneListProjectsForUser', { userId: own.id })).projects, []);
  assert.equal((await call('ShowProjectQuota', { projectId: PROJECT })).quotas.resources[0].type, 'project');
  const kinds = (await call('ShowDomainQuota', { domainId: domain })).quotas.resources.map((one) => one.type);
  assert.deepEqual(kinds.sort(), ['agency', 'group', 'policy', 'project', 'user']);
  await refused(409, 'a project named', 'KeystoneCreateProject', { body: { project: { name, parent_id: PROJECT } } });
  for (const operation of ['KeystoneShowProject', 'ShowProjectDetailsAndStatus', 'ShowProjectQuota']) {
    await refused(404, 'could not find project', operation, { projectId: NOBODY });
  }
  await refused(404, 'project', 'KeystoneUpdateProject', { projectId: NOBODY, body: { project: { description: '' } } });
  await refused(400, 'normal or suspended', 'UpdateProjectStatus', { projectId: project.id, body: { project: { status: 'lost' } } });
  await refused(400, 'go together', 'KeystoneListProjects', { page: 1 });
  await refused(404, 'could not find user', 'KeystoneListProjectsForUser', { userId: NOBODY });
  await refused(403, 'iam:quotas:listQuotas', 'ShowDomainQuota', { domainId: domain }, own.client);
  await call('KeystoneDeleteUser', { userId: own.id });
}

async function policies() {
  const all = (await call('KeystoneListPermissions', {})).roles;
  const shown = (await call('KeystoneShowPermission', { roleId: all[0].id })).role;
  assert.equal(shown.id, all[0].id);
  const role = (action, name = 'node-callers') => ({ body: { role: {
    display_name: name, type: 'AX', description: 'calls', policy: { Version: '1.1', Statement: [{ Effect: 'Allow', Action: [action] }] },
  } } });
  const made = (await call('CreateCloudServiceCustomPolicy', role('functiongraph:function:invoke'))).role;
  await call('UpdateCloudServiceCustomPolicy', { roleId: made.id, ...role('functiongraph:function:list*', 'node-listers') });
  same((await call('ShowCustomPolicy', { roleId: made.id })).role, { display_name: 'node-listers' });
  assert.deepEqual((await call('ListCustomPolicies', {})).roles.map((one) => one.id), [made.id]);
  await refused(400, 'no action there is', 'CreateCloudServiceCustomPolicy', role('functiongraph:function:fly'));
  await refused(400, 'no action there is', 'UpdateCloudServiceCustomPolicy', { roleId: made.id, ...role('functiongraph:function:fly') });
  await refused(400, 'go together', 'KeystoneListPermissions', { page: 1 });
  await refused(400, 'go together', 'ListCustomPolicies', { perPage: 1 });
  await refused(404, 'could not find role', 'KeystoneShowPermission', { roleId: NOBODY });
  await call('DeleteCustomPolicy', { roleId: made.id });
  await refused(404, '', 'ShowCustomPolicy', { roleId: made.id });
  await refused(404, '', 'DeleteCustomPolicy', { roleId: made.id });
  return new Map(all.map((one) => [one.display_name, one.id]));
}

async function agencies(domain, roles) {
  const asked = { name: 'node-lent', domain_id: domain, trust_domain_id: domain, description: 'helps', duration: 'ONEDAY' };
  const { agency } = await call('CreateAgency', { body: { agency: asked } });
  same((await call('ShowAgency', { agencyId: agency.id })).agency, { name: 'node-lent', description: 'helps', duration: 'ONEDAY' });
  await call('UpdateAgency', { agencyId: agency.id, body: { agency: { duration: 'FOREVER' } } });
  const listed = await call('ListAgencies', { domainId: domain, name: 'node-lent' });
  assert.deepEqual(listed.agencies.map((one) => one.duration), ['FOREVER']);
  const identity = (name, more = {}) => ({ methods: ['assume_role'], assume_role: { agency_name: name, ...more } });
  const assuming = (name, more) => ({ body: { auth: { identity: identity(name, more) } } });
  const key = (await call('CreateTemporaryAccessKeyByAgency', assuming('node-lent'))).credential;
  const lent = connect(key.access, key.secret, key.securitytoken);
  await call('KeystoneListAuthDomains', {}, lent);
  await call('AssociateAgencyWithProjectPermission', { projectId: PROJECT, agencyId: agency.id, roleId: roles.get('ReadOnlyAccess') });
  const scoped = { body: { auth: { identity: identity('node-lent'), scope: { project: { id: PROJECT } } } } };
  const made = await call('KeystoneCreateAgencyToken', scoped);
  const token = made['X-Subject-Token'] || made.xSubjectToken;
  assert.ok(token && made.token.user.name.endsWith('/node-lent'), JSON.stringify(made));
  const told = await call('KeystoneValidateToken', { xSubjectToken: token });
  assert.equal(told.token.project.id, PROJECT);

  await refused(400, '900 to 86400', 'CreateTemporaryAccessKeyByAgency', assuming('node-lent', { duration_seconds: 60 }));
  await refused(404, 'could not find agency', 'KeystoneCreateAgencyToken', assuming('nobody'));
  await refused(404, 'could not find the token', 'KeystoneValidateToken', { xSubjectToken: 'made up' });
  await refused(409, 'an agency named', 'CreateAgency', { body: { agency: asked } });
  await refused(400, 'agency.duration', 'UpdateAgency', { agencyId: agency.id, body: { agency: { duration: '0' } } });
  await refused(400, 'go together', 'ListAgencies', { domainId: domain, page: 1 });
  await call('DeleteAgency', { agencyId: agency.id });
  for (const operation of ['ShowAgency', 'DeleteAgency']) await refused(404, agency.id, operation, { agencyId: agency.id });
  await refused(401, 'revoked', 'KeystoneListAuthProjects', {}, lent);
}

async function whole() {
  const there = offered(await (await fetch(`${where.api}/openapi.json`)).json());
  const specification = offered(JSON.parse(readFileSync(join(__dirname, '../../../spec/iam-v3.openapi.json'))));
  const ours = [...specification.keys()].filter((operation) => there.has(operation));
  assert.deepEqual(ours.filter((operation) => !done.has(operation)), [], 'operations never did what they were asked for in this suite');
  // Open to everybody, and there is nothing to get wrong.
  const open = ['KeystoneListVersions', 'KeystoneShowVersion'];
  assert.deepEqual(ours.filter((operation) => !denied.has(operation) && !open.includes(operation)), [], 'operations never refused anything');
  for (const operation of [...specification.keys()].filter((name) => !there.has(name))) {
    const setters = Object.getOwnPropertyNames(sdk[`${operation}Request`].prototype).filter((name) => name.startsWith('with'));
    const fields = setters.map((name) => [name[4].toLowerCase() + name.slice(5), name === 'withBody' ? {} : 'x']);
    const sending = client.send(operation, { projectId: PROJECT, ...Object.fromEntries(fields) });
    await assert.rejects(sending, (error) => error.httpStatusCode === 501, operation);
  }
  console.log(`${ours.length} operations did what they were asked for, and refused what they should; ` +
    `${specification.size - ours.length} are not there, and say so`);
}

async function main() {
  const domain = await catalog();
  await users(domain);
  await keys(domain);
  const roles = await policies();
  await groups(domain, roles);
  await projects(domain);
  await agencies(domain, roles);
  await whole();
}

main().then(() => process.exit(0), (error) => {
  console.error(error.stack || error);
  process.exit(1);
});
