"""A small FastAPI app: what people put behind the gateway, with the paths that the tests ask for."""

import asyncio
import hashlib

from fastapi import FastAPI, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

app = FastAPI(title="Menshen test app")


class Item(BaseModel):
    name: str
    price: float


@app.get("/")
def home():
    return {"app": "fastapi"}


@app.post("/items/{item_id}", status_code=201)
def create_item(item_id: int, item: Item):
    return {"id": item_id, "item": item}


@app.api_route("/seen", methods=["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def seen(request: Request):
    """What reached the app: every field line in order, and what Uvicorn made of the forwarded ones."""
    return {
        "method": request.method,
        "path": request.scope["raw_path"].decode("latin-1"),
        "query": request.scope["query_string"].decode("latin-1"),
        "scheme": request.url.scheme,
        "client": request.client.host if request.client else None,
        "fields": [[name.decode("latin-1"), value.decode("latin-1")] for name, value in request.headers.raw],
    }


@app.post("/digest")
async def digest(request: Request):
    """Reads the content as it comes and answers with its length and SHA-256."""
    total, sha256 = 0, hashlib.sha256()
    async for piece in request.stream():
        total += len(piece)
        sha256.update(piece)
    return {"length": total, "sha256": sha256.hexdigest()}


@app.get("/octets/{count}")
def octets(count: int):
    """`count` octets with Content-Length."""
    return Response(b"m" * count, media_type="application/octet-stream")


@app.get("/stream/{pieces}")
def stream(pieces: int):
    """Chunked content: numbered lines, one chunk each."""

    async def lines():
        for number in range(pieces):
            yield f"{number}\n".encode()
            await asyncio.sleep(0)

    return StreamingResponse(lines(), media_type="text/plain")


@app.get("/status/{code}")
def status(code: int):
    return Response(status_code=code)


@app.get("/cookies")
def cookies(response: Response):
    response.set_cookie("first", "1", secure=True, httponly=True)
    response.set_cookie("second", "2", samesite="strict")
    return {}


@app.get("/slow/{milliseconds}")
async def slow(milliseconds: int):
    await asyncio.sleep(milliseconds / 1000)
    return {"waited": milliseconds}


@app.websocket("/ws")
async def echo(socket: WebSocket):
    await socket.accept()
    try:
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            if message.get("text") is not None:
                await socket.send_text(message["text"])
            else:
                await socket.send_bytes(message["bytes"])
    except WebSocketDisconnect:
        return
