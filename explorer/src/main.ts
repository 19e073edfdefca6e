/** Starts the page. */
import { mount } from 'svelte';
import App from './App.svelte';
// oxlint-disable-next-line no-unassigned-import -- a style sheet has nothing to name
import './page.css';

const target = document.getElementById('app');
if (target !== null) mount(App, { target });
