# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_fastapi_architect_global_optspecs
    string join \n app= python= env= env-file= config= isolated output= color= q/quiet v/verbose files-read= h/help V/version
end

function __fish_fastapi_architect_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_fastapi_architect_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_fastapi_architect_using_subcommand
    set -l cmd (__fish_fastapi_architect_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c fastapi-architect -n "__fish_fastapi_architect_needs_command" -l app -d 'The application, where several or none can be found: MODULE:ATTR or MODULE:FACTORY()' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_needs_command" -l python -d 'The project\'s environment, read as source [default: `.venv` or `venv` of the project, else $VIRTUAL_ENV]' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_needs_command" -l env -d 'An environment variable the service sees; ours are never read (repeatable)' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_needs_command" -l env-file -d 'A file of KEY=VALUE lines the service sees as environment; --env wins' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_needs_command" -l config -d 'Configuration instead of the project\'s: an `architect.toml`, or a `pyproject.toml` with [tool.fastapi-architect]' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_needs_command" -l output -d 'Write to a file instead of standard output' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_needs_command" -l color -d 'When to use colors; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c fastapi-architect -n "__fish_fastapi_architect_needs_command" -l files-read -d 'For maintainers: where to list the files that were read' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_needs_command" -l isolated -d 'Ignore the project\'s configuration'
complete -c fastapi-architect -n "__fish_fastapi_architect_needs_command" -s q -l quiet -d 'Say only what was asked for, and show no progress'
complete -c fastapi-architect -n "__fish_fastapi_architect_needs_command" -s v -l verbose -d 'Say more'
complete -c fastapi-architect -n "__fish_fastapi_architect_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c fastapi-architect -n "__fish_fastapi_architect_needs_command" -s V -l version -d 'Print version'
complete -c fastapi-architect -n "__fish_fastapi_architect_needs_command" -f -a "review" -d 'Findings of the whole service'
complete -c fastapi-architect -n "__fish_fastapi_architect_needs_command" -f -a "map" -d 'The service, or one part of it'
complete -c fastapi-architect -n "__fish_fastapi_architect_needs_command" -f -a "openapi" -d 'The OpenAPI document the running application would serve'
complete -c fastapi-architect -n "__fish_fastapi_architect_needs_command" -f -a "diff" -d 'What changed for callers and for the database between two revisions, folders or documents'
complete -c fastapi-architect -n "__fish_fastapi_architect_needs_command" -f -a "conventions" -d 'How this code base does things: patterns, implementations to look at, helpers to reuse'
complete -c fastapi-architect -n "__fish_fastapi_architect_needs_command" -f -a "advise" -d 'A decision: what to do, why, what else could be done, and when the answer changes'
complete -c fastapi-architect -n "__fish_fastapi_architect_needs_command" -f -a "new" -d 'A new service, sized to its context'
complete -c fastapi-architect -n "__fish_fastapi_architect_needs_command" -f -a "explain" -d 'What a rule means, why, when it is fine and how to fix it'
complete -c fastapi-architect -n "__fish_fastapi_architect_needs_command" -f -a "completions" -d 'What a shell completes: print its script'
complete -c fastapi-architect -n "__fish_fastapi_architect_needs_command" -f -a "man" -d 'The manual page of the program or of a command, for `man`'
complete -c fastapi-architect -n "__fish_fastapi_architect_needs_command" -f -a "debug-parse" -d 'For maintainers: parse and do nothing else'
complete -c fastapi-architect -n "__fish_fastapi_architect_needs_command" -f -a "debug-reference" -d 'For maintainers: what the repository keeps of the definitions of the program'
complete -c fastapi-architect -n "__fish_fastapi_architect_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand review" -l select -d 'Only these rules or groups' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand review" -l ignore -d 'Not these rules or groups' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand review" -l min-severity -d 'Leave out what matters less [default: info]' -r -f -a "info\t'Everything'
warning\t'Warnings and errors'
error\t'Errors'"
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand review" -l min-confidence -d 'Leave out what is less sure [default: high]' -r -f -a "low\t'Everything'
medium\t'What may hang on one unresolved fact'
high\t'What is decided'"
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand review" -l since -d 'Only what the change since this git revision touches or causes' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand review" -l with -d 'Run the project\'s own type checker in a process of its own, and report what it says' -r -f -a "mypy\t'The type checker, from the project\'s environment'"
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand review" -l baseline -d 'Leave out the findings that this file lists' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand review" -l write-baseline -d 'Write the findings to this file, as the baseline of later runs' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand review" -l format -d 'How to print it' -r -f -a "text\t'With code frames'
concise\t'One line a finding'
json\t'For programs'
sarif\t'For code scanning: SARIF 2.1.0'
github\t'Annotations of a GitHub workflow'
gitlab\t'A code quality report of GitLab'
junit\t'Every finding a failed test'
markdown\t'A comment on a pull request'
html\t'One page for a browser, with the map of the service'"
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand review" -l app -d 'The application, where several or none can be found: MODULE:ATTR or MODULE:FACTORY()' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand review" -l python -d 'The project\'s environment, read as source [default: `.venv` or `venv` of the project, else $VIRTUAL_ENV]' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand review" -l env -d 'An environment variable the service sees; ours are never read (repeatable)' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand review" -l env-file -d 'A file of KEY=VALUE lines the service sees as environment; --env wins' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand review" -l config -d 'Configuration instead of the project\'s: an `architect.toml`, or a `pyproject.toml` with [tool.fastapi-architect]' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand review" -l output -d 'Write to a file instead of standard output' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand review" -l color -d 'When to use colors; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand review" -l files-read -d 'For maintainers: where to list the files that were read' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand review" -l all -d 'Show findings of low confidence, too'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand review" -l style -d 'Style and local bugs, too: ruff\'s rules in this process, and what the project\'s formatter would change'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand review" -l fix -d 'Apply the fixes that leave the API and the tests as they were'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand review" -l unsafe-fixes -d 'With --fix or --diff: those that may change behaviour, too'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand review" -l diff -d 'Show what the fixes would change, and write nothing'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand review" -l allow-dirty -d 'Fix files that git holds unsaved work of, too'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand review" -l isolated -d 'Ignore the project\'s configuration'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand review" -s q -l quiet -d 'Say only what was asked for, and show no progress'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand review" -s v -l verbose -d 'Say more'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand review" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand map" -l format -d 'How to print it; json and html are always the whole map' -r -f -a "text\t'For people'
json\t'For programs'
mermaid\t'A flowchart'
html\t'One page for a browser, with the findings of a review'"
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand map" -l debug-eval -d 'For maintainers: what an expression is in the namespace of a module' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand map" -l app -d 'The application, where several or none can be found: MODULE:ATTR or MODULE:FACTORY()' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand map" -l python -d 'The project\'s environment, read as source [default: `.venv` or `venv` of the project, else $VIRTUAL_ENV]' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand map" -l env -d 'An environment variable the service sees; ours are never read (repeatable)' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand map" -l env-file -d 'A file of KEY=VALUE lines the service sees as environment; --env wins' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand map" -l config -d 'Configuration instead of the project\'s: an `architect.toml`, or a `pyproject.toml` with [tool.fastapi-architect]' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand map" -l output -d 'Write to a file instead of standard output' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand map" -l color -d 'When to use colors; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand map" -l files-read -d 'For maintainers: where to list the files that were read' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand map" -l debug-costs -d 'For maintainers: where the evaluation budget goes'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand map" -l debug-everything -d 'For maintainers: run every module, and whatever it defines'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand map" -l isolated -d 'Ignore the project\'s configuration'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand map" -s q -l quiet -d 'Say only what was asked for, and show no progress'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand map" -s v -l verbose -d 'Say more'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand map" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand openapi" -l format -d 'How to print it' -r -f -a "json\t'JSON'
yaml\t'YAML'"
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand openapi" -l unknowns -d 'Write what had to be left out to a file, as JSON' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand openapi" -l app -d 'The application, where several or none can be found: MODULE:ATTR or MODULE:FACTORY()' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand openapi" -l python -d 'The project\'s environment, read as source [default: `.venv` or `venv` of the project, else $VIRTUAL_ENV]' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand openapi" -l env -d 'An environment variable the service sees; ours are never read (repeatable)' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand openapi" -l env-file -d 'A file of KEY=VALUE lines the service sees as environment; --env wins' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand openapi" -l config -d 'Configuration instead of the project\'s: an `architect.toml`, or a `pyproject.toml` with [tool.fastapi-architect]' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand openapi" -l output -d 'Write to a file instead of standard output' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand openapi" -l color -d 'When to use colors; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand openapi" -l files-read -d 'For maintainers: where to list the files that were read' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand openapi" -l isolated -d 'Ignore the project\'s configuration'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand openapi" -s q -l quiet -d 'Say only what was asked for, and show no progress'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand openapi" -s v -l verbose -d 'Say more'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand openapi" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand diff" -l project -d 'The folder of the service in revisions, and in the work tree' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand diff" -l min-level -d 'Leave out what matters less' -r -f -a "compatible\t'Everything'
risky\t'What is risky or breaks callers'
breaking\t'What breaks callers'"
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand diff" -l format -d 'How to print it; markdown is for the notes of a release' -r -f -a "text\t'For people'
json\t'For programs'
markdown\t'Migration notes'"
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand diff" -l app -d 'The application, where several or none can be found: MODULE:ATTR or MODULE:FACTORY()' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand diff" -l python -d 'The project\'s environment, read as source [default: `.venv` or `venv` of the project, else $VIRTUAL_ENV]' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand diff" -l env -d 'An environment variable the service sees; ours are never read (repeatable)' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand diff" -l env-file -d 'A file of KEY=VALUE lines the service sees as environment; --env wins' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand diff" -l config -d 'Configuration instead of the project\'s: an `architect.toml`, or a `pyproject.toml` with [tool.fastapi-architect]' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand diff" -l output -d 'Write to a file instead of standard output' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand diff" -l color -d 'When to use colors; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand diff" -l files-read -d 'For maintainers: where to list the files that were read' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand diff" -l isolated -d 'Ignore the project\'s configuration'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand diff" -s q -l quiet -d 'Say only what was asked for, and show no progress'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand diff" -s v -l verbose -d 'Say more'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand conventions" -l format -d 'How to print it; markdown is a coding-standards document' -r -f -a "text\t'For people'
json\t'For programs'
markdown\t'A coding-standards document'"
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand conventions" -l check -d 'Tell what this document says and is not true any more, and what it lacks' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand conventions" -l app -d 'The application, where several or none can be found: MODULE:ATTR or MODULE:FACTORY()' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand conventions" -l python -d 'The project\'s environment, read as source [default: `.venv` or `venv` of the project, else $VIRTUAL_ENV]' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand conventions" -l env -d 'An environment variable the service sees; ours are never read (repeatable)' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand conventions" -l env-file -d 'A file of KEY=VALUE lines the service sees as environment; --env wins' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand conventions" -l config -d 'Configuration instead of the project\'s: an `architect.toml`, or a `pyproject.toml` with [tool.fastapi-architect]' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand conventions" -l output -d 'Write to a file instead of standard output' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand conventions" -l color -d 'When to use colors; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand conventions" -l files-read -d 'For maintainers: where to list the files that were read' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand conventions" -l isolated -d 'Ignore the project\'s configuration'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand conventions" -s q -l quiet -d 'Say only what was asked for, and show no progress'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand conventions" -s v -l verbose -d 'Say more'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand conventions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand advise" -l answer -d 'The answer to a question (repeatable)' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand advise" -l format -d 'How to print it' -r -f -a "text\t'For people'
markdown\t'For documents and pull requests'
json\t'For programs'"
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand advise" -l app -d 'The application, where several or none can be found: MODULE:ATTR or MODULE:FACTORY()' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand advise" -l python -d 'The project\'s environment, read as source [default: `.venv` or `venv` of the project, else $VIRTUAL_ENV]' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand advise" -l env -d 'An environment variable the service sees; ours are never read (repeatable)' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand advise" -l env-file -d 'A file of KEY=VALUE lines the service sees as environment; --env wins' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand advise" -l config -d 'Configuration instead of the project\'s: an `architect.toml`, or a `pyproject.toml` with [tool.fastapi-architect]' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand advise" -l output -d 'Write to a file instead of standard output' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand advise" -l color -d 'When to use colors; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand advise" -l files-read -d 'For maintainers: where to list the files that were read' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand advise" -s y -l yes -d 'Ask nothing: what nobody said is assumed'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand advise" -l record -d 'Write a decision record where the project keeps them, else into docs/decisions'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand advise" -l dry-run -d 'With --record: show it and write nothing'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand advise" -l isolated -d 'Ignore the project\'s configuration'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand advise" -s q -l quiet -d 'Say only what was asked for, and show no progress'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand advise" -s v -l verbose -d 'Say more'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand advise" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand new" -l size -d 'How big [default: chosen from the context, else prototype]' -r -f -a "prototype\t'SQLite, one process, nothing to install'
service\t'Several processes on one database'
scaled\t'Several hosts, with Redis and a worker'"
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand new" -l resource -d 'A table with its endpoints (repeatable)' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand new" -l users -d 'Users that are expected' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand new" -l rps -d 'Requests per second at the busiest time' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand new" -l data -d 'Gigabytes of data after a year' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand new" -l team -d 'People who work on it' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand new" -l db -d 'The database it is made for first; the code runs on both [default: that of the size]' -r -f -a "sqlite\t'A file'
postgres\t'A server'"
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand new" -l auth -d 'Accounts with tokens, or none [default: jwt]' -r -f -a "jwt\t'Accounts, access tokens and rotating refresh tokens'
none\t'Everything is open'"
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand new" -l hasher -d 'How passwords are hashed' -r -f -a "bcrypt\t'bcrypt with 12 rounds'
argon2\t'argon2id with the parameters of OWASP'"
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand new" -l app -d 'The application, where several or none can be found: MODULE:ATTR or MODULE:FACTORY()' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand new" -l python -d 'The project\'s environment, read as source [default: `.venv` or `venv` of the project, else $VIRTUAL_ENV]' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand new" -l env -d 'An environment variable the service sees; ours are never read (repeatable)' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand new" -l env-file -d 'A file of KEY=VALUE lines the service sees as environment; --env wins' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand new" -l config -d 'Configuration instead of the project\'s: an `architect.toml`, or a `pyproject.toml` with [tool.fastapi-architect]' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand new" -l output -d 'Write to a file instead of standard output' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand new" -l color -d 'When to use colors; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand new" -l files-read -d 'For maintainers: where to list the files that were read' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand new" -l sync -d 'Endpoints and database access in threads, for teams with synchronous libraries'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand new" -s y -l yes -d 'Ask nothing; without it a terminal is asked for what no option says'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand new" -l dry-run -d 'Say what would be written, and write nothing'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand new" -l isolated -d 'Ignore the project\'s configuration'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand new" -s q -l quiet -d 'Say only what was asked for, and show no progress'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand new" -s v -l verbose -d 'Say more'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand new" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand explain" -l app -d 'The application, where several or none can be found: MODULE:ATTR or MODULE:FACTORY()' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand explain" -l python -d 'The project\'s environment, read as source [default: `.venv` or `venv` of the project, else $VIRTUAL_ENV]' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand explain" -l env -d 'An environment variable the service sees; ours are never read (repeatable)' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand explain" -l env-file -d 'A file of KEY=VALUE lines the service sees as environment; --env wins' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand explain" -l config -d 'Configuration instead of the project\'s: an `architect.toml`, or a `pyproject.toml` with [tool.fastapi-architect]' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand explain" -l output -d 'Write to a file instead of standard output' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand explain" -l color -d 'When to use colors; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand explain" -l files-read -d 'For maintainers: where to list the files that were read' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand explain" -l schema -d 'With `configuration`, or the name of a format: its JSON schema'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand explain" -l isolated -d 'Ignore the project\'s configuration'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand explain" -s q -l quiet -d 'Say only what was asked for, and show no progress'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand explain" -s v -l verbose -d 'Say more'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand completions" -l app -d 'The application, where several or none can be found: MODULE:ATTR or MODULE:FACTORY()' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand completions" -l python -d 'The project\'s environment, read as source [default: `.venv` or `venv` of the project, else $VIRTUAL_ENV]' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand completions" -l env -d 'An environment variable the service sees; ours are never read (repeatable)' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand completions" -l env-file -d 'A file of KEY=VALUE lines the service sees as environment; --env wins' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand completions" -l config -d 'Configuration instead of the project\'s: an `architect.toml`, or a `pyproject.toml` with [tool.fastapi-architect]' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand completions" -l output -d 'Write to a file instead of standard output' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand completions" -l color -d 'When to use colors; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand completions" -l files-read -d 'For maintainers: where to list the files that were read' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand completions" -l isolated -d 'Ignore the project\'s configuration'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand completions" -s q -l quiet -d 'Say only what was asked for, and show no progress'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand completions" -s v -l verbose -d 'Say more'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand man" -l app -d 'The application, where several or none can be found: MODULE:ATTR or MODULE:FACTORY()' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand man" -l python -d 'The project\'s environment, read as source [default: `.venv` or `venv` of the project, else $VIRTUAL_ENV]' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand man" -l env -d 'An environment variable the service sees; ours are never read (repeatable)' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand man" -l env-file -d 'A file of KEY=VALUE lines the service sees as environment; --env wins' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand man" -l config -d 'Configuration instead of the project\'s: an `architect.toml`, or a `pyproject.toml` with [tool.fastapi-architect]' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand man" -l output -d 'Write to a file instead of standard output' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand man" -l color -d 'When to use colors; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand man" -l files-read -d 'For maintainers: where to list the files that were read' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand man" -l isolated -d 'Ignore the project\'s configuration'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand man" -s q -l quiet -d 'Say only what was asked for, and show no progress'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand man" -s v -l verbose -d 'Say more'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand debug-parse" -l files-from -d 'The files that this one lists are parsed instead, one a line' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand debug-parse" -l app -d 'The application, where several or none can be found: MODULE:ATTR or MODULE:FACTORY()' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand debug-parse" -l python -d 'The project\'s environment, read as source [default: `.venv` or `venv` of the project, else $VIRTUAL_ENV]' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand debug-parse" -l env -d 'An environment variable the service sees; ours are never read (repeatable)' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand debug-parse" -l env-file -d 'A file of KEY=VALUE lines the service sees as environment; --env wins' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand debug-parse" -l config -d 'Configuration instead of the project\'s: an `architect.toml`, or a `pyproject.toml` with [tool.fastapi-architect]' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand debug-parse" -l output -d 'Write to a file instead of standard output' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand debug-parse" -l color -d 'When to use colors; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand debug-parse" -l files-read -d 'For maintainers: where to list the files that were read' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand debug-parse" -l isolated -d 'Ignore the project\'s configuration'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand debug-parse" -s q -l quiet -d 'Say only what was asked for, and show no progress'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand debug-parse" -s v -l verbose -d 'Say more'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand debug-parse" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand debug-reference" -l app -d 'The application, where several or none can be found: MODULE:ATTR or MODULE:FACTORY()' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand debug-reference" -l python -d 'The project\'s environment, read as source [default: `.venv` or `venv` of the project, else $VIRTUAL_ENV]' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand debug-reference" -l env -d 'An environment variable the service sees; ours are never read (repeatable)' -r
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand debug-reference" -l env-file -d 'A file of KEY=VALUE lines the service sees as environment; --env wins' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand debug-reference" -l config -d 'Configuration instead of the project\'s: an `architect.toml`, or a `pyproject.toml` with [tool.fastapi-architect]' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand debug-reference" -l output -d 'Write to a file instead of standard output' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand debug-reference" -l color -d 'When to use colors; NO_COLOR is honoured' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand debug-reference" -l files-read -d 'For maintainers: where to list the files that were read' -r -F
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand debug-reference" -l isolated -d 'Ignore the project\'s configuration'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand debug-reference" -s q -l quiet -d 'Say only what was asked for, and show no progress'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand debug-reference" -s v -l verbose -d 'Say more'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand debug-reference" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand help; and not __fish_seen_subcommand_from review map openapi diff conventions advise new explain completions man debug-parse debug-reference help" -f -a "review" -d 'Findings of the whole service'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand help; and not __fish_seen_subcommand_from review map openapi diff conventions advise new explain completions man debug-parse debug-reference help" -f -a "map" -d 'The service, or one part of it'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand help; and not __fish_seen_subcommand_from review map openapi diff conventions advise new explain completions man debug-parse debug-reference help" -f -a "openapi" -d 'The OpenAPI document the running application would serve'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand help; and not __fish_seen_subcommand_from review map openapi diff conventions advise new explain completions man debug-parse debug-reference help" -f -a "diff" -d 'What changed for callers and for the database between two revisions, folders or documents'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand help; and not __fish_seen_subcommand_from review map openapi diff conventions advise new explain completions man debug-parse debug-reference help" -f -a "conventions" -d 'How this code base does things: patterns, implementations to look at, helpers to reuse'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand help; and not __fish_seen_subcommand_from review map openapi diff conventions advise new explain completions man debug-parse debug-reference help" -f -a "advise" -d 'A decision: what to do, why, what else could be done, and when the answer changes'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand help; and not __fish_seen_subcommand_from review map openapi diff conventions advise new explain completions man debug-parse debug-reference help" -f -a "new" -d 'A new service, sized to its context'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand help; and not __fish_seen_subcommand_from review map openapi diff conventions advise new explain completions man debug-parse debug-reference help" -f -a "explain" -d 'What a rule means, why, when it is fine and how to fix it'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand help; and not __fish_seen_subcommand_from review map openapi diff conventions advise new explain completions man debug-parse debug-reference help" -f -a "completions" -d 'What a shell completes: print its script'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand help; and not __fish_seen_subcommand_from review map openapi diff conventions advise new explain completions man debug-parse debug-reference help" -f -a "man" -d 'The manual page of the program or of a command, for `man`'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand help; and not __fish_seen_subcommand_from review map openapi diff conventions advise new explain completions man debug-parse debug-reference help" -f -a "debug-parse" -d 'For maintainers: parse and do nothing else'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand help; and not __fish_seen_subcommand_from review map openapi diff conventions advise new explain completions man debug-parse debug-reference help" -f -a "debug-reference" -d 'For maintainers: what the repository keeps of the definitions of the program'
complete -c fastapi-architect -n "__fish_fastapi_architect_using_subcommand help; and not __fish_seen_subcommand_from review map openapi diff conventions advise new explain completions man debug-parse debug-reference help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
