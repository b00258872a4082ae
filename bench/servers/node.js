// Serves in one of several modes, after printing its port: node.js MODE

const dgram = require("dgram");
const net = require("net");

const BLOCK = Buffer.alloc(65536, "x");
const HOST = "127.0.0.1";

const handlers = {
  echo(sock) {
    sock.on("data", (bytes) => sock.write(bytes));
  },
  line(sock) {
    let half = "";
    sock.setEncoding("latin1");
    sock.on("data", (bytes) => {
      const lines = (half + bytes).split("\n");
      half = lines.pop();
      for (const line of lines) sock.write(line + "\n", "latin1");
    });
  },
  sink(sock) {
    sock.on("data", () => {});
  },
  source(sock) {
    const again = () => {
      while (sock.write(BLOCK));
    };
    sock.on("drain", again);
    sock.resume();
    again();
  },
};

function serveUdp() {
  const server = dgram.createSocket("udp4");
  server.on("message", (bytes, from) =>
    server.send(bytes, from.port, from.address));
  server.bind(0, HOST, () => console.log(server.address().port));
}

function serveTcp(handler) {
  const server = net.createServer({ noDelay: true }, (sock) => {
    sock.on("error", () => {}); // the load has ended
    handler(sock);
  });
  server.listen({ host: HOST, port: 0, backlog: 4096 }, () =>
    console.log(server.address().port));
}

if (process.argv[2] === "udp") serveUdp();
else serveTcp(handlers[process.argv[2]]);
