"""What stands in a seeded database: ids by name, and the story's people by their own."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.db.models import Contact, Dish, Elder, Provider, ServiceItem, Worker


@dataclass(frozen=True)
class Seeded:
    """Ids by name. Elders and workers may share a name: all of them, in the order they came."""

    elders: dict[str, tuple[int, ...]]
    elders_in: dict[str, tuple[int, ...]]
    """By town."""
    providers: dict[str, int]
    workers: dict[str, tuple[int, ...]]
    phones: dict[str, str]
    """Of the story's contacts, by name."""
    counts: dict[str, int]
    """elders, providers, workers, items, dishes, towns."""

    @property
    def li_guilan(self) -> int:
        """李桂兰 of 莞城, 81, moderate, assessed: the mother of the story."""
        return self._in("李桂兰", "莞城")

    @property
    def li_guilan_of_dongcheng(self) -> int:
        """The other 李桂兰, 76, of 东城; her assessment has expired."""
        return self._in("李桂兰", "东城")

    @property
    def wang_jianguo(self) -> int:
        """王建国, 84, husband of the first: no subsidy category, never assessed."""
        return self.elders["王建国"][0]

    @property
    def chen_huifang(self) -> tuple[int, int]:
        """Two 陈惠芳 of the same town (莞城): of 罗沙社区, 72; of 北隅社区, 88, bedridden."""
        first, second = self.elders["陈惠芳"]
        return first, second

    @property
    def wang_fang_phone(self) -> str:
        """The number of 王芳, daughter of 李桂兰 and 王建国."""
        return self.phones["王芳"]

    @property
    def canteen(self) -> int:
        """莞城长者饭堂."""
        return self.providers["莞城长者饭堂"]

    @property
    def nursing_station(self) -> int:
        """莞城护理站."""
        return self.providers["莞城护理站"]

    @property
    def home_help(self) -> int:
        """莞城家政."""
        return self.providers["莞城家政"]

    @property
    def liang_zhiqiang(self) -> int:
        """梁志强 brings the canteen's meals; he starts nearest and is asked first."""
        return self.workers["梁志强"][0]

    @property
    def he_xiuying(self) -> int:
        """何秀英 brings the canteen's meals."""
        return self.workers["何秀英"][0]

    @property
    def chen_min(self) -> int:
        """陈敏, nurse; near, well rated, speaks Cantonese: asked first."""
        return self.workers["陈敏"][0]

    @property
    def huang_li(self) -> int:
        """黄丽, nurse."""
        return self.workers["黄丽"][0]

    @property
    def zhou_yan(self) -> int:
        """周燕, nurse, whose registration has run out."""
        return self.workers["周燕"][0]

    @property
    def wu_guixiang(self) -> int:
        """吴桂香 (吴大姐), home help."""
        return self.workers["吴桂香"][0]

    def _in(self, name: str, town: str) -> int:
        return next(i for i in self.elders[name] if i in self.elders_in[town])


STORY_CONTACTS = ("王芳", "赵军", "刘伟明", "何小玲", "叶志坚")


def find_seeded(session: Session) -> Seeded | None:
    """What stands in the database; None if the story's people do not."""
    elders = session.execute(select(Elder.name, Elder.id, Elder.town).order_by(Elder.id)).all()
    by_name: dict[str, list[int]] = {}
    by_town: dict[str, list[int]] = {}
    for name, elder_id, town in elders:
        by_name.setdefault(name, []).append(elder_id)
        by_town.setdefault(town, []).append(elder_id)
    providers = {row.name: row.id for row in session.execute(select(Provider.name, Provider.id))}
    if "李桂兰" not in by_name or "莞城长者饭堂" not in providers:
        return None
    workers: dict[str, list[int]] = {}
    for name, worker_id in session.execute(select(Worker.name, Worker.id).order_by(Worker.id)):
        workers.setdefault(name, []).append(worker_id)
    phones = session.execute(
        select(Contact.name, Contact.phone)
        .where(Contact.name.in_(STORY_CONTACTS))
        .order_by(Contact.id.desc())
    )
    return Seeded(
        elders={name: tuple(ids) for name, ids in by_name.items()},
        elders_in={town: tuple(ids) for town, ids in by_town.items()},
        providers=providers,
        workers={name: tuple(ids) for name, ids in workers.items()},
        phones={row.name: row.phone for row in phones},
        counts={
            "elders": len(elders),
            "towns": len(by_town),
            "providers": len(providers),
            "workers": sum(map(len, workers.values())),
            "items": _count(session, ServiceItem),
            "dishes": _count(session, Dish),
        },
    )


def _count(session: Session, model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0
