"""How fast and how large the shipped topic is: stories of 3 kB judged in a CPU second, seconds to load, megabytes held.

    python bench/judge.py [--stories 900] [--seed 0]

Stories are made of the topic's own names, cues and filler words in nine languages, one name in 35 words, which is
what labelled stories of both sorts have. The floor, over the same stories in the same run, is folding and the bare
automaton without looking at what it finds.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections.abc import Sequence
from typing import Any

import ahocorasick

from topic import Topic, fold, load

STORY = 3000  # characters
ONE_NAME_IN = 35  # words
FILLER = {
    "en": "the committee said on Monday that schools and roads in every district would receive money from next year",
    "hy": "հանձնաժողովը երկուշաբթի հայտնել է որ բոլոր շրջանների դպրոցներն ու ճանապարհները գումար կստանան հաջորդ տարի",
    "ru": "комиссия сообщила в понедельник что школы и дороги всех районов получат деньги начиная со следующего года",
    "az": "komissiya bazar ertəsi bildirib ki bütün rayonlarda məktəblər və yollar gələn ildən vəsait alacaq",
    "tr": "komisyon pazartesi günü bütün ilçelerde okulların ve yolların gelecek yıl ödenek alacağını bildirdi",
    "fr": "la commission a annoncé lundi que les écoles et les routes de chaque canton recevront des fonds dès janvier",
    "ka": "კომისიამ ორშაბათს განაცხადა რომ სკოლები და გზები ყველა რაიონში მომავალი წლიდან თანხას მიიღებენ",
    "fa": "کمیسیون روز دوشنبه اعلام کرد که مدارس و راه‌های همه شهرستان‌ها از سال آینده بودجه دریافت می‌کنند",
    "uk": "комісія повідомила в понеділок що школи та дороги всіх районів отримають гроші з наступного року",
}


def stories(topic: Topic, count: int, seed: int) -> list[tuple[str, str]]:
    chance = random.Random(seed)
    names = {language: [name for one in topic.concepts for name in one.names.get(language, ())] for language in FILLER}
    made = []
    for index in range(count):
        language = list(FILLER)[index % len(FILLER)]
        body = _body(chance, FILLER[language].split(), names[language])
        made.append((body[:80], body))
    return made


def _body(chance: random.Random, filler: Sequence[str], names: Sequence[str]) -> str:
    words: list[str] = []
    length = 0
    while length < STORY:
        word = chance.choice(names) if names and chance.randrange(ONE_NAME_IN) == 0 else chance.choice(filler)
        words.append(word + (".\n" if chance.randrange(15) == 0 else ""))
        length += len(words[-1]) + 1
    return " ".join(words)[:STORY]


def bare_automaton(topic: Topic) -> Any:
    automaton = ahocorasick.Automaton()
    for name in {fold(name) for one in topic.concepts for name in one.all_names()}:
        automaton.add_word(name, name)
    automaton.make_automaton()
    return automaton


def main() -> None:
    parser = argparse.ArgumentParser(description="how fast and how large the shipped topic is")
    parser.add_argument("--stories", type=int, default=900)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    topic = load()
    topic.judge("warm", "up")
    print(f"loaded {len(topic.concepts)} concepts in {time.process_time() - began:.3f} s of CPU, ", end="")
    print(f"{(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - held) / 1024:.0f} MB more than before")
    made = stories(topic, chosen.stories, chosen.seed)
    began = time.process_time()
    for title, body in made:
        topic.judge(title, body)
    judging = time.process_time() - began
    automaton = bare_automaton(topic)
    began = time.process_time()
    for _, body in made:
        sum(1 for _ in automaton.iter(fold(body)))
    floor = time.process_time() - began
    print(f"judged {len(made) / judging:.0f} stories of {STORY} characters a second of CPU")
    print(f"floor, folding and a bare automaton: {len(made) / floor:.0f} a second, {judging / floor:.1f} times as fast")


if __name__ == "__main__":
    main()
