import { BaseEdge, type Edge, type EdgeProps } from "@xyflow/react";

export type DetourEdge = Edge<{ readonly top: number }, "detour">;

const CORNER = 10;

/** An edge that passes above other nodes. */
function Detour({ sourceX, sourceY, targetX, targetY, data, label, id }: EdgeProps<DetourEdge>) {
  const top = data?.top ?? Math.min(sourceY, targetY);
  const towards = targetX > sourceX ? CORNER : -CORNER;
  const path = [
    `M ${sourceX} ${sourceY} V ${top + CORNER} Q ${sourceX} ${top} ${sourceX + towards} ${top}`,
    `H ${targetX - towards} Q ${targetX} ${top} ${targetX} ${top + CORNER} V ${targetY}`,
  ];
  return (
    <BaseEdge id={id} path={path.join(" ")} label={label} labelX={(sourceX + targetX) / 2} labelY={top} />
  );
}

export const EDGE_TYPES = { detour: Detour };
