"""Paragraphs of a story without what surrounds it: captions, links to other stories, share bars, comment rules."""

from __future__ import annotations

import re
from collections.abc import Iterable

from crawler.markup import squeeze
from storage.boilerplate import paragraph_hash, paragraph_key

# A short paragraph that begins so is furniture; each is a whole phrase, so that no sentence of a story begins so.
_FURNITURE = re.compile(
    r"""^(?:
    related\s(?:links|articles|stories|news|topics|content)\b | read\s(?:also|more|next)\b | also\sread\b | see\salso\b
    | you\s(?:might|may)\salso\slike | continue\sreading | most\s(?:read|popular|viewed) | top\sstories\b | must\sread
    | share\s(?:this|on|via|your\sthoughts)\b | follow\sus\b | sign\s(?:up|in\sor)\b | subscribe\b | newsletter\b
    | follow\s.{1,60}\son\s(?:facebook|instagram|telegram|twitter|youtube|google\snews) | up\snext$ | don.t\smiss\W*$
    | (?:create|register)\s.{0,40}account\b | already\s(?:have\san\saccount|a\s(?:member|subscriber)) | have\sa\stip\?
    | this\sslideshow\srequires | if\syou\senjoyed\sthis\b | tell\sus\swhat\syou\sthink
    | support\sour\s(?:work|journalism)
    | (?:please\s)?(?:make\sa\sdonation|donate\b|become\sa\s(?:member|patron|subscriber)) | .{0,80}\byour\sinbox\b
    | leave\sa\s(?:review|comment|reply) | print\sthis\b | e-?mail\sthis\b | click\shere\s(?:to|for)\b
    | the\spost\s.*\sappeared\sfirst\son | join\s(?:us\son|the\sconversation)\b | advertisement\b | photo(?:s)?\s*:
    | image\s(?:source|caption|credit)\b | comments?\s*(?:\(\d+\))?$
    | print$ | save$ | share$ | updated?\s*:?\s[\d.,:/\s]+$
    | the\sviews\s(?:and\sopinions\s)?expressed\s(?:in|by)\b | (?:©|\(c\))\s | fotoğraf,\s.*\sservis\sedil
    | (?:edited|editing)\s(?:and|&)\stranslat | this\stext\s(?:is\s)?available\sin\b
    | читайте\s(?:также|ещё|еще|нас|другие|в\sэтом)\b | смотрите\sтакже | ссылки\sпо\sтеме | статьи\sпо\sтеме
    | материалы\sпо\sтеме | по\sтеме\s*: | новости\s(?:по\sтеме|партн[её]ров) | другие\sновости | сейчас\sчитают
    | подписывайтесь\b | подпишитесь\b | поделиться\b | добавить\sв\s(?:закладки|избранное) | оставить\sкомментарий
    | версия\sдля\sпечати | постоянный\sадрес | (?:просмотров|прочтений)\s*: | сообщить\sоб\sопечатке
    | нашли\s(?:ошибку|опечатку) | фото\s*: | теги\s*: | загружается,?\sподождите | больше\sинформации\s*:?$
    | зарегистрируйтесь\b | оцените,?\sпожалуйста | если\s(?:вы\s)?(?:заметите|заметили|нашли)\s.{0,60}ошибку
    | выделите\s.{0,60}ctrl | присоединяйтесь\sк\sнам | обновлено\s(?:в\s)?[\d.,:\s]+(?:мск)?$
    | купить\sиллюстрацию | контекст(?:\s*:?\s*\d|$) | выйти\sиз\sполноэкранного | развернуть\sна\sвесь | реклама\b
    | կարդացեք\sնաև | կիսվել | տպել$ | թեմա\s*: | տարածաշրջան\s*: | լրահոս$ | լուսանկարը\s*[՝:] | հետևեք\sմեզ
    | բաժանորդագրվ | դիտեք\sնաև | կիսվե՛?ք
    | həmçinin\soxu | oxşar\sxəbərlər | paylaş | abone\sol | ayrıca\soku | ilgili\shaber | fotoğraf\s*: | foto\s*:
    | giriş\s*: | digər\sxəbərlər | son\sxəbərlər$ | bizi\s.{1,60}\s(?:izləyin|takip\sedin) | abunə\sol | yorum\syap
    | bunları\sda\soku | reklam$ | oxunub\s*: | baxış\ssayı
    | ასევე\sწაიკითხეთ | წაიკითხეთ\sასევე | გაზიარება$
    | بیشتر\sبخوانید | مطالب\sمرتبط | اخبار\sمرتبط | کد\sخبر
    | انتهای\sپیام | reporting\sby\s.*\sediting\sby
    | lesen\ssie\sauch | mehr\szum\sthema | auch\sinteressant$ | hat\sihnen\sdieser\sartikel | fehler\sgefunden
    | lire\saussi | à\slire\saussi | il\svous\sreste\s | lee\stambién | leer\stambién | lea\stambién
    )""",
    re.IGNORECASE | re.VERBOSE,
)
# Terms of use, rules for comments, appeals: as long as a paragraph of a story, and not to be mistaken for one.
_TERMS = re.compile(
    r"""^(?:
    (?:any\s)?(?:full\sor\spartial\s)?(?:use|reproduction|republication|reprinting|quoting)\sof\s.{0,60}
      (?:materials?|content|articles?)\b.{0,120}(?:hyperlink|without\s.{0,30}permission|link\sto|reference\sto)
    | (?:при|любое)\s.{0,30}(?:использован|перепечат|цитирован|копирован)\w*\s.{0,40}
      (?:материал|текст|публикаци|новост|информации|сайта).{0,120}(?:ссылк|обязательн|запрещ)
    | (?:администрация\sсайта|редакция(?:\s(?:сайта|портала|издания|газеты))?)\sне\s(?:нес[её]т|отвечает)
    | мнение\s(?:автор|редакци).{0,40}\sможет\s(?:не\sсовпадать|отличаться)
    | saytdakı\s(?:bütün\s)?material | (?:material|xəbər)\w*dan\sistifadə\s.{0,80}(?:istinad|hiperlink|mütləq)
    | (?:sitede|haberlerin)\s.{0,60}(?:izinsiz|kaynak\sgösteril)
    | (?:կայքի|լուրերի)\s.{0,80}արտատպ | (?:մեջբերումներ|արտատպ).{0,80}հղում
    | wait!\sbefore\syou\sgo\b | atenção:\scomentários | bitte\sachten\ssie\sdarauf,\sdass\sihre\skommentare
    | (?:your\s|the\s|all\s)?comments?\s.{0,40}(?:are|is|be)\s(?:pre-?)?moderated | commenters?\smust\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_LONGEST_TERMS = 1000
_LONGEST_FURNITURE = 160
# From here on a page tells nothing of the story any more; these come after the last paragraph and run on for several.
_TAIL = re.compile(
    r"""^(?:
    discussion\spolicy$ | comments?\spolicy$ | comments\sare\swelcomed\sand\sencouraged
    | rules\sfor\sposting\son\sthe\swebsite
    | related\slinks\s*:?$ | top\sstories$ | partner\snews\b | dear\suser,\splease | you\smight\salso\slike$
    | must\sread\sarticles?$
    | правила\sкомментирования | комментарии\sк\sматериалу | другие\sновости\sраздела$ | ссылки\sпо\sтеме\s*:?$
    | մեկնաբանությունների\sկանոններ | կարդացեք\sնաև\s*:?$
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_EARLIEST_TAIL = 0.3  # of the text: a heading further up is a story's own
_LONE_DATE = re.compile(
    r"^[\d\s.,:/•|()\-–—]+$|^\d{1,2}\s[^\W\d_]+\s\d{4}\s?(?:г\.?)?$|^\d{1,2}[./]\d{1,2}[./]\d{4}\b[^.!?]{0,30}$"
)
_SHORTEST_REPEAT = 80  # characters; a shorter line may come back in one text: a refrain, a step, a line of a table


def clean_paragraphs(
    paragraphs: Iterable[str],
    *,
    title: str,
    captions: Iterable[str] = (),
    boilerplate: frozenset[str] = frozenset(),
) -> tuple[str, ...]:
    """`captions` are texts known to stand under or for images; `boilerplate` the hashes of paragraphs that an outlet
    repeats on page after page (`storage.boilerplate.paragraph_hash`)."""
    under_images = {key for caption in captions if (key := paragraph_key(caption))}
    kept: list[str] = []
    seen: set[str] = set()
    previous = ""
    for paragraph in _without_tail([squeeze(p) for p in paragraphs]):
        key = paragraph_key(paragraph)
        if not key or key in under_images or _is_furniture(paragraph):
            continue
        if key in seen and (len(key) >= _SHORTEST_REPEAT or key == previous):
            continue
        previous = key
        if boilerplate and paragraph_hash(paragraph) in boilerplate:
            continue
        seen.add(key)
        kept.append(paragraph)
    return tuple(_without_title(kept, title))


def _is_furniture(paragraph: str) -> bool:
    if _LONE_DATE.match(paragraph) or (len(paragraph) <= _LONGEST_TERMS and _TERMS.match(paragraph)):
        return True
    return len(paragraph) <= _LONGEST_FURNITURE and _FURNITURE.match(paragraph) is not None


def _without_tail(paragraphs: list[str]) -> list[str]:
    total = sum(map(len, paragraphs))
    told = 0
    for index, paragraph in enumerate(paragraphs):
        if told >= _EARLIEST_TAIL * total and _TAIL.match(paragraph):
            return paragraphs[:index]
        told += len(paragraph)
    return paragraphs


def _without_title(paragraphs: list[str], title: str) -> list[str]:
    """A page's title is often its first paragraph too, whole or cut short."""
    told = paragraph_key(title)
    for index, paragraph in enumerate(paragraphs[:2]):
        key = paragraph_key(paragraph)
        if told and (told.startswith(key) or key.startswith(told)) and len(told) * 0.6 < len(key) < len(told) * 1.15:
            return paragraphs[:index] + paragraphs[index + 1 :]
    return paragraphs
