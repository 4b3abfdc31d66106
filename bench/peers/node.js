// node.js - the uppercase server in Node: node node.js udp|lines|close|recv PORT
'use strict';
const dgram = require('dgram');
const net = require('net');

const [kind, port] = [process.argv[2], Number(process.argv[3])];

function serveUdp() {
  const socket = dgram.createSocket('udp4');
  socket.on('message', (message, peer) => {
    socket.send(message.toString().toUpperCase(), peer.port, peer.address);
  });
  socket.bind(port, '127.0.0.1');
}

// Calls answer with the lines of each chunk that are whole, newlines included.
function onLines(connection, answer) {
  let rest = '';
  connection.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    if (lines.length > 0)
      answer(lines.map((line) => line.toUpperCase() + '\n'));
  });
}

function send(connection, text) {
  if (connection.write(text))
    return;
  connection.pause();
  connection.once('drain', () => connection.resume());
}

const kinds = {
  lines: (connection) => onLines(connection, (lines) => send(connection, lines.join(''))),
  close: (connection) => onLines(connection, (lines) => connection.end(lines[0])),
  recv: (connection) => connection.on('data', (text) => send(connection, text.toUpperCase())),
};

function serveTcp() {
  const server = net.createServer({ noDelay: true }, (connection) => {
    connection.setEncoding('utf8');
    connection.on('error', () => {});
    kinds[kind](connection);
  });
  server.listen({ port, host: '127.0.0.1', backlog: 4096 });
}

if (kind === 'udp')
  serveUdp();
else
  serveTcp();
