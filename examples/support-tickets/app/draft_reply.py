"""Draft a reply to a ticket for a person to edit. Nobody has put this model under the gate yet."""

from __future__ import annotations

from openai import OpenAI


def draft_reply(ticket: str) -> str:
    """Ask for three friendly sentences."""
    completion = OpenAI().chat.completions.create(
        model="gpt-4o",
        messages=[
            {"role": "system", "content": "Draft a reply of three friendly sentences to this support ticket."},
            {"role": "user", "content": ticket},
        ],
    )
    return completion.choices[0].message.content or ""
