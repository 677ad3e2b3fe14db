// The project's name, written in its place. Without it, the form works by its button.
const renaming = () => document.querySelector('.rename-menu[open]');

document.addEventListener(
  'toggle',
  ({ target }) => {
    if (target.id === 'rename-menu' && target.open) target.querySelector('#rename').select();
  },
  { capture: true },
);

document.addEventListener('pointerdown', (event) => {
  if (renaming() && !renaming().contains(event.target)) renaming().open = false;
});

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || !renaming()?.contains(event.target)) return;
  renaming().querySelector('form').reset();
  renaming().open = false;
  document.getElementById('rename-open').focus();
});
