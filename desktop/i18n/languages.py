"""The languages that the program speaks: English in the source, the others in Qt's files here.

A language is one file, such as facedesk_vi.qm, which lrelease makes from facedesk_vi.ts.
"""

from __future__ import annotations

from pathlib import Path

from PyQt5.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

SOURCE = "en"
SYSTEM = "system"
"""The value of the setting that means the computer's own language."""

FOLDER = Path(__file__).parent
_PREFIX = "facedesk_"


def languages(folder: Path = FOLDER) -> tuple[str, ...]:
    """Return the codes (ISO 639, such as vi or pt_BR) of the languages there are, English first."""
    files = folder.glob(f"{_PREFIX}*.qm")
    return (SOURCE, *sorted(file.stem.removeprefix(_PREFIX) for file in files))


def own_name(code: str) -> str:
    """Return a language's name in that language; the code itself where Qt does not know it."""
    if code == SOURCE:
        return "English"  # Qt says American English
    locale = QLocale(code)
    name = code if locale.language() == QLocale.C else locale.nativeLanguageName()
    return name[:1].upper() + name[1:]


def meant(choice: str, folder: Path = FOLDER) -> str:
    """Return the language code that a setting stands for; English where it has no translation."""
    available = languages(folder)
    wanted = QLocale.system().name() if choice == SYSTEM else choice
    for code in (wanted, wanted.partition("_")[0]):
        if code in available:
            return code
    return SOURCE


def use(choice: str, folder: Path = FOLDER) -> None:
    """Speak this language from now on: every widget is sent a LanguageChange.

    Qt's own texts (buttons of its dialogs) change too, and so does the default QLocale, which
    writes dates and numbers.
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
    """Return the locale for a language code.

    The system's locale is used where it has the same language: it knows the region, and regions
    write dates differently.
    """
    system = QLocale.system()
    return system if system.name().partition("_")[0] == code else QLocale(code)
