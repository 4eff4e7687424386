"""The parts of the protocol's written spec that no type can say."""

from __future__ import annotations

opening = """\
# The Tug protocol, version {version.protocol}

Generated from the message types by `python -m protocol.spec`; change those, not this page.
The same as JSON Schema: [protocol.schema.json](protocol.schema.json).

Tug's add-on and its backend talk over ZeroMQ. Small typed messages go over one pair of
sockets, arrays over another, so that a cancel never waits behind a mesh. Nothing on the wire
is a file path, a pickle or code.

## Channels

| channel | client socket | gateway socket | frames of a message |
| --- | --- | --- | --- |
| control | DEALER | ROUTER | one: the message |
| bulk | DEALER | ROUTER | the message, then the bytes for `put_chunk` and `chunk` |

Both use CURVE, always. One connection is one pair of sockets; after a loss the client makes a
new pair and says `hello` again. An order of messages holds within a channel, not across.

A message is one MessagePack map with text keys. Its field `kind` names its type. Refused, with
the path of the field: NaN and infinity, extension types (timestamps too), a field twice, more
than 64 levels of nesting, text that is not UTF-8. A frame over `limits.message_bytes` is
refused before it is decoded.

*Identifiers* are 1 to 64 of `A-Z a-z 0-9 . _ -`; a *digest* is BLAKE2b-256 as 64 hex digits.

Every call carries an `id` of the client's choosing and is answered by exactly one reply that
repeats it in `reply_to`: the one named below, or `failure`. Events come unasked.

## Order of a conversation

1. The client reads the connection file: two addresses and the keys.
2. control: `hello` -> `welcome`, with the server's session and limits. Any other call before is
   answered by `hello_required`. The bulk channel needs no hello; its key opens it.
3. control: `get_capabilities` -> `capabilities`.
4. bulk: `find_missing` with the digests of the request's arrays -> `missing`.
5. bulk: for each missing blob `put_chunk` from offset 0 upward, each at most
   `limits.chunk_bytes`, several in flight -> `stored` each. An empty array is one empty chunk.
   A chunk that the server has already changes nothing.
6. control: `submit` -> `job`. From now on `event` whenever the job changes; `sequence` grows.
   The same id with the same request is the same job, however often it is sent.
7. control: `cancel` -> `job` with the state it has then. A job that has ended stays as it is.
8. When the state is `done`: control `get_result` -> `result`; its arrays with bulk `get_chunk` ->
   `chunk`, several in flight.
9. control: `acknowledge` -> `acknowledged`, when the result is safe on the client's side.

Liveness: `ping` -> `pong` at any time. The gateway answers at once, however busy the workers
are; a client that hears nothing for 1.5 seconds after a ping makes a new connection.

After a new connection: `hello`, then `attach` with the ids of all jobs that have not finished.
`jobs` says where each stands. For an id under `unknown` the client begins again at 4, with the
same id: nothing is lost when the store was.
"""

closing = """\
An array travels as a blob: its C-order bytes, named by their BLAKE2b-256 in hex. The receiver
hashes what it gets; other bytes are `corrupt_blob`. Size is the product of `shape` times the
item's size.

## Versions

`protocol` is `major.minor`, compared as numbers. Another major is refused with
`version_unsupported`, by both sides, in words. Within a major:

- unknown fields are ignored;
- a new field has a default that means what its absence meant before;
- a new kind of event or reply is ignored by a client that does not know it, a new kind of call
  is refused by `malformed` with the path `kind`;
- no field changes its meaning or its type; lists of codes and states are closed, so another
  value in one means another major.

`software` is the release and only for people. `product` must be `tug`.

## Limits

`welcome` states what the server refuses to exceed. A client checks before it sends; what is over
a limit is answered by `too_large` with the number.

## Retention

A job, its blobs and its result stay on the backend's disk until the job is acknowledged, or
`limits.retention_seconds` after it ended. They survive restarts of either side. Arrays that no
job needs may be thrown away at any time; `find_missing` tells.

## Security

The backend writes a connection file that only its owner can read: addresses, the server's
public key and a client key pair that it accepts. It listens on loopback and free ports unless
told otherwise. A client refuses a connection file that other users can read.

CURVE encrypts and authenticates both ways: a client without an accepted key is turned away
before its first message, and a server with another key than the known one is not talked to.
A client from another machine needs its public key as a file in the backend's `authorised`
folder; a backend refuses to listen beyond loopback while that folder is empty.

## A GPU host through ssh

Nothing needs to be opened to the network. `tug` is the backend's program:

```
gpu-host$ tug keys make laptop --control tcp://localhost:7700 --bulk tcp://localhost:7701
laptop$   scp gpu-host:laptop.json . && chmod 600 laptop.json
gpu-host$ rm laptop.json
gpu-host$ tug serve --control tcp://127.0.0.1:7700 --bulk tcp://127.0.0.1:7701
laptop$   ssh -N -L 7700:localhost:7700 -L 7701:localhost:7701 gpu-host
```

Then choose *Remote* and `laptop.json` as the connection file in the add-on's preferences. The
ports must be free on the laptop. The keys outlive restarts of the backend, so the file is copied
once; `tug keys revoke laptop` makes it worthless.
"""
