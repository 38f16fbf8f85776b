"""The languages of what people read: English in the source, the others in Qt's files here.

A language is one file: facedesk_vi.qm, say, which lrelease makes of facedesk_vi.ts.
"""

from __future__ import annotations

from pathlib import Path

from PyQt5.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

SOURCE = "en"
SYSTEM = "system"
"""The setting's word for the computer's own language."""

FOLDER = Path(__file__).parent
_PREFIX = "facedesk_"


def languages(folder: Path = FOLDER) -> tuple[str, ...]:
    """The codes (ISO 639, such as vi or pt_BR) that can be used; English first."""
    files = folder.glob(f"{_PREFIX}*.qm")
    return (SOURCE, *sorted(file.stem.removeprefix(_PREFIX) for file in files))


def own_name(code: str) -> str:
    """What its speakers call a language; the code itself where Qt does not know it."""
    if code == SOURCE:
        return "English"  # Qt says American English
    locale = QLocale(code)
    name = code if locale.language() == QLocale.C else locale.nativeLanguageName()
    return name[:1].upper() + name[1:]


def meant(choice: str, folder: Path = FOLDER) -> str:
    """The code that a setting stands for; English where there is no such language."""
    available = languages(folder)
    wanted = QLocale.system().name() if choice == SYSTEM else choice
    for code in (wanted, wanted.partition("_")[0]):
        if code in available:
            return code
    return SOURCE


def use(choice: str, folder: Path = FOLDER) -> None:
    """Speak this language from now on: every widget is sent a LanguageChange.

    Qt's own texts (buttons of its dialogs) change along, and the default QLocale, which writes
    dates and numbers.
    """
    application = QCoreApplication.instance()
    assert application is not None, "there is no application to speak"
    for spoken in application.findChildren(QTranslator):
        application.removeTranslator(spoken)
        spoken.deleteLater()
    code = meant(choice, folder)
    QLocale.setDefault(_locale(code))
    if code == SOURCE:
        return
    qt_texts = QLibraryInfo.location(QLibraryInfo.TranslationsPath)
    for name, place in ((f"qtbase_{code}", qt_texts), (f"{_PREFIX}{code}", str(folder))):
        translator = QTranslator()
        if translator.load(name, place):  # Qt lacks some languages, Vietnamese too
            translator.setParent(application)
            application.installTranslator(translator)


def _locale(code: str) -> QLocale:
    """The system's where it is of this language: it knows the region, whose dates differ."""
    system = QLocale.system()
    return system if system.name().partition("_")[0] == code else QLocale(code)
