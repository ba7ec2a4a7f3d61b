// Scores the lymph nodes that a mask marks in a CT, from Node.js. Research use only; not a diagnosis.
//
//   node score.mjs HOST:PORT CT.json CT.raw MASK.raw [MODEL]
//
// CT.json places the grid that both files share, as nodelens.v1.Geometry (LPS, x, y, z order):
//   {"size": [512, 512, 60], "spacing_mm": [0.7, 0.7, 3], "origin_mm": [-180, -170, 40]}
// CT.raw holds Hounsfield units as int16, MASK.raw one byte for each voxel, 0 where no node is; little endian, x fastest.

import { randomUUID } from "node:crypto";
import { open, readFile, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import crc32c from "crc-32/crc32c.js";

const PROTOS = process.env.NODELENS_PROTOS ?? fileURLToPath(new URL("../../protos", import.meta.url));
const SERVICE = "nodelens.v1.NodeClassifierService";
const CHUNK_BYTES = 1 << 20;
const TIMEOUT_S = 300;

// gRPC repeats a call while the server is away; a stream only until its first bytes have left the client's buffer.
const SERVICE_CONFIG = {
  methodConfig: [
    {
      name: [{ service: SERVICE }],
      retryPolicy: {
        maxAttempts: 4,
        initialBackoff: "0.1s",
        maxBackoff: "1s",
        backoffMultiplier: 2,
        retryableStatusCodes: ["UNAVAILABLE"],
      },
    },
  ],
  retryThrottling: { maxTokens: 10, tokenRatio: 0.1 },
};

/** A client of the server; `grpc.credentials.createSsl()` where it has TLS. */
export function connect(address, credentials = grpc.credentials.createInsecure()) {
  const parsed = loadSync("nodelens/v1/node_classifier_service.proto", {
    includeDirs: [PROTOS],
    keepCase: true,
    longs: Number,
    enums: String,
    defaults: true,
  });
  const { NodeClassifierService } = grpc.loadPackageDefinition(parsed).nodelens.v1;
  return new NodeClassifierService(address, credentials, {
    "grpc.service_config": JSON.stringify(SERVICE_CONFIG),
    "grpc.max_receive_message_length": -1,
  });
}

/** All models of the server, those that are not ready included. */
export function listModels(client) {
  return new Promise((resolve, reject) => {
    client.ListModels({}, { deadline: deadline(10) }, (error, answer) => (error ? reject(error) : resolve(answer.models)));
  });
}

/**
 * Scores a CT whose voxels are read from files, a chunk at a time, no faster than the server takes them.
 *
 * @param request a `ClassifyRequest` without voxels
 * @param files paths of the voxels: `{ TARGET_VOLUME, TARGET_MASK }`
 */
export async function classify(client, request, files) {
  const [volume, mask] = await Promise.all([stat(files.TARGET_VOLUME), stat(files.TARGET_MASK)]);
  let call;
  const answer = new Promise((resolve, reject) => {
    call = client.ClassifyStream({ deadline: deadline(TIMEOUT_S) }, (error, found) =>
      error ? reject(error) : resolve(found.classification),
    );
  });
  const header = { request, volume_bytes: volume.size, mask_bytes: mask.size };
  try {
    // A refusal ends the call while it is written; the answer tells it.
    await Promise.race([answer, send(call, header, files)]);
  } catch (error) {
    call.cancel();
    throw error;
  }
  return answer;
}

async function send(call, header, files) {
  await write(call, { header });
  for (const [target, path] of Object.entries(files)) {
    const file = await open(path);
    try {
      for await (const chunk of chunks(file)) {
        await write(call, { chunk: { target, ...chunk, crc32c: crc32c.buf(chunk.data) >>> 0 } });
      }
    } finally {
      await file.close();
    }
  }
  call.end();
}

async function* chunks(file) {
  for (let offset = 0; ; ) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, offset);
    if (bytesRead === 0) return;
    yield { offset, data: buffer.subarray(0, bytesRead) };
    offset += bytesRead;
  }
}

function write(call, message) {
  return new Promise((resolve) => (call.write(message) ? resolve() : call.once("drain", resolve)));
}

function deadline(seconds) {
  return Date.now() + seconds * 1000;
}

async function main([address, placePath, volumePath, maskPath, model = ""]) {
  const geometry = JSON.parse(await readFile(placePath, "utf8"));
  const client = connect(address);
  try {
    for (const { ref, ready, problem } of await listModels(client)) {
      console.error(`${ref.name} ${ref.version}${ready ? "" : ` (not ready: ${problem})`}`);
    }
    const request = {
      request_id: randomUUID(),
      model,
      volume: { geometry, voxel_type: "VOXEL_TYPE_INT16" },
      mask: { geometry, encoding: "MASK_ENCODING_UINT8" },
      options: { heatmap_output: "HEATMAP_OUTPUT_NONE" },
    };
    const found = await classify(client, request, { TARGET_VOLUME: volumePath, TARGET_MASK: maskPath });
    for (const warning of found.warnings) console.error(warning.message);
    console.log("node\tstatus\tprobability\tcall\tshort axis mm");
    for (const node of found.nodes) {
      const scored = node.status === "NODE_STATUS_SCORED";
      const [status, call] = [node.status.replace("NODE_STATUS_", ""), node.call.replace("CALL_", "")];
      const cells = [node.label, status, scored ? node.probability : "-", scored ? call : "-"];
      console.log([...cells, node.measurements.short_axis_mm.toFixed(1)].join("\t"));
    }
  } finally {
    client.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const words = process.argv.slice(2);
  if (words.length < 4) {
    console.error("usage: node score.mjs HOST:PORT CT.json CT.raw MASK.raw [MODEL]");
    process.exit(2);
  }
  main(words).catch((error) => {
    console.error(`score.mjs: ${error.message}`);
    process.exit(1);
  });
}
