from pydantic import AliasChoices, AliasPath
