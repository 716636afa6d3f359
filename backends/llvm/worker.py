"""A process that generates code, see `workers`: LLVM text comes in, objects go out.

It is run by its path and imports nothing but llvmlite, so that it is ready in a fifth of a second.
The first line says for what to generate; it answers with the version of LLVM. Then come texts and
go objects, each after its length (u64, little-endian).
"""

from __future__ import annotations

import json
import sys


def main() -> None:
    """Serve standard input until it ends."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    wanted = json.loads(source.readline())
    sys.path.append(wanted["path"])
    import llvmlite.binding as llvm

    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    llvm.initialize_native_asmparser()
    target = llvm.Target.from_triple(wanted["triple"]).create_target_machine(
        cpu=wanted["cpu"],
        features=wanted["features"],
        opt=wanted["level"],
        reloc="pic",
        codemodel="default",
    )
    sink.write(json.dumps(llvm.llvm_version_info).encode() + b"\n")
    sink.flush()
    while head := source.read(8):
        text = source.read(int.from_bytes(head, "little")).decode()
        made = target.emit_object(llvm.parse_assembly(text))
        sink.write(len(made).to_bytes(8, "little") + made)
        sink.flush()


if __name__ == "__main__":
    main()
