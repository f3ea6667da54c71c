from dataclasses import dataclass, is_dataclass
