"""N users with a post each, N comments and a label on each post."""

from typing import Any

from calls import Call


def rows(n: int) -> dict[str, list[dict[str, Any]]]:
    posts = [{"id": p + 1, "title": f"p{p}", "body": "b", "published": True, "user_id": p + 1} for p in range(n)]
    return {
        "users": [{"id": u + 1, "name": f"u{u}"} for u in range(n)],
        "posts": posts,
        "labels": [{"id": p + 1, "post_id": p + 1, "name": "l"} for p in range(n)],
        "comments": [
            {"id": p * n + c + 1, "post_id": p + 1, "text": "hm", "approved": True} for p in range(n) for c in range(n)
        ],
    }


def per_parent(n: int) -> dict[str, int]:
    return {"Post": 1, "Comment": n, "Label": 1}


def calls(n: int) -> list[Call]:
    post = {"title": "new", "body": "b", "user_id": 1, "labels": [f"l{n}" for n in range(n)]}
    return [
        Call("GET /posts"),
        Call("GET /posts/full"),
        Call("GET /posts/deferred"),
        Call("GET /posts/slim"),
        Call("GET /posts/labels"),
        Call("GET /posts/counts"),
        Call("GET /posts/comments"),
        Call("GET /posts/joined"),
        Call("GET /posts/first"),
        Call("GET /posts/signed"),
        Call("GET /posts/again"),
        Call("POST /posts", json=post, rows={"labels": n}),
        Call("DELETE /posts/{post_id}", "/posts/1", failing="/posts/0"),
        Call("POST /comments/approval"),
        Call("POST /comments/hiding", rows={"Comment": min(n * n, 20)}),
        Call("POST /users", "/users?name=new"),
        Call("POST /users/lost", json=["new"] * n),
        Call("POST /users/early", "/users/early?name=new"),
        Call("GET /users/{user_id}/profile", "/users/1/profile", failing="/users/0/profile"),
        Call("GET /users/{user_id}", "/users/1", failing="/users/0"),
        Call("GET /users"),
        Call("GET /comments/{comment_id}", "/comments/1", failing="/comments/0"),
    ]
