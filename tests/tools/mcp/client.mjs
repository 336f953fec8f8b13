// The official client for TypeScript against a server under test: signs in, lists, calls, fails, connects again.
// node client.mjs SERVER SITE KEY; prints what it saw as JSON.
import {Client, StreamableHTTPClientTransport, UnauthorizedError} from '@modelcontextprotocol/client';

const [server, site, key] = process.argv.slice(2);
const REDIRECT = 'http://127.0.0.1:33418/callback';
const kept = {};
let code;

/** Opens the page as a browser does, fills it in, and takes the code out of the redirect. */
async function signIn(address) {
    const page = await fetch(address);
    const hidden = /name="request" value="([^"]+)"/.exec(await page.text())[1].replaceAll('&amp;', '&');
    const form = new URLSearchParams({request: hidden, site, key, agent: '', access: 'write', decision: 'allow'});
    const cookie = page.headers.getSetCookie().map(one => one.split(';')[0]).join('; ');
    const headers = {origin: new URL(address).origin, cookie};
    const back = await fetch(address.origin + '/authorize', {method: 'POST', body: form, headers, redirect: 'manual'});
    code = new URL(back.headers.get('location')).searchParams;
}

const provider = {
    redirectUrl: REDIRECT,
    clientMetadata: {client_name: 'TypeScript client', redirect_uris: [REDIRECT], token_endpoint_auth_method: 'none'},
    clientInformation: () => kept.client,
    saveClientInformation: client => void (kept.client = client),
    tokens: () => kept.tokens,
    saveTokens: tokens => void (kept.tokens = tokens),
    redirectToAuthorization: signIn,
    saveDiscoveryState: state => void (kept.discovery = state),
    discoveryState: () => kept.discovery,
    saveCodeVerifier: verifier => void (kept.verifier = verifier),
    codeVerifier: () => kept.verifier,
};

async function connected(options = {}, address = server) {
    const client = new Client({name: 'test', version: '1'}, options);
    const transport = new StreamableHTTPClientTransport(new URL(address), {authProvider: provider});
    try {
        await client.connect(transport);
    } catch (problem) {
        if (!(problem instanceof UnauthorizedError)) throw problem;
        await transport.finishAuth(code);
        return connected(options, address);
    }
    return client;
}

/** Writes a note that people outside would read; the server asks first, where the client can be asked. */
async function draft(ticket) {
    const options = {capabilities: {elicitation: {}}, versionNegotiation: {mode: 'auto'}};
    const client = await connected(options, server + '?toolsets=requester');
    let asked = 0;
    client.setRequestHandler('elicitation/create', request => {
        asked += 1;
        return {action: 'accept', content: Object.fromEntries(
            Object.entries(request.params.requestedSchema.properties).map(([name]) => [name, true]))};
    });
    const sent = await client.callTool({name: 'addTicketNote', arguments: {ticketId: ticket, text: 'From TypeScript'}});
    await client.close();
    return {asked, isError: Boolean(sent.isError), id: sent.structuredContent?.id, said: sent.content?.[0]?.text};
}

const first = await connected();
const {tools} = await first.listTools();
const found = await first.callTool({name: 'findTickets', arguments: {take: 1}});
const failed = await first.callTool({name: 'getTicket', arguments: {ticketId: 99999999}});
const unknown = await first.callTool({name: 'noSuchTool', arguments: {}}).catch(problem => ({message: problem.message}));
const prompts = (await first.listPrompts()).prompts.length;
await first.close();
const again = await connected();
const ticket = found.structuredContent.results[0].id;
const read = await again.callTool({name: 'getTicket', arguments: {ticketId: ticket}});
await again.close();
const drafted = await draft(ticket);
console.log(JSON.stringify({
    tools: tools.length, ticket, prompts, isError: failed.isError, said: failed.content[0].text, unknown: unknown.message,
    readAgain: read.structuredContent.id, hasTokens: Boolean(kept.tokens?.refresh_token),
    drafted,
}));
