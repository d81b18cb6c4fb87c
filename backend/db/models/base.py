"""What all tables share."""

import enum
from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

Fen = Annotated[int, mapped_column(sa.BigInteger)]
"""Money, in fen."""

Strings = Annotated[list[str], mapped_column(ARRAY(sa.Text), server_default="{}", default=list)]
Json = Annotated[dict[str, Any], mapped_column(JSONB, server_default="{}", default=dict)]
Id = Annotated[int, mapped_column(sa.BigInteger, sa.Identity(always=False), primary_key=True)]


class Base(DeclarativeBase):
    """Names constraints so that migrations can find them; maps Python types to columns."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        str: sa.Text(),
        datetime: sa.DateTime(timezone=True),
        enum.Enum: sa.Enum(
            enum.Enum,
            native_enum=False,
            create_constraint=False,
            length=32,
            values_callable=lambda kind: [member.value for member in kind],
        ),
    }


def key(table: str, *, index: bool = True, primary: bool = False, cascade: bool = False) -> Any:
    """A foreign key to `table`'s id."""
    return mapped_column(
        sa.ForeignKey(f"{table}.id", ondelete="CASCADE" if cascade else None),
        index=index and not primary,
        primary_key=primary,
    )
